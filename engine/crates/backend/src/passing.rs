//! The methods that a layer passes on to its `inner` store as they are.

macro_rules! pass_on {
    ($($method:ident)+) => { $( pass_on!(@$method); )+ };
    (@location) => {
        fn location(&self) -> String {
            self.inner.location()
        }
    };
    (@connections) => {
        fn connections(&self) -> usize {
            self.inner.connections()
        }
    };
    (@create) => {
        fn create(&self) -> holdfast_format::Result<()> {
            self.inner.create()
        }
    };
    (@stat) => {
        fn stat(&self, file: &crate::Handle) -> holdfast_format::Result<u64> {
            self.inner.stat(file)
        }
    };
    (@list) => {
        fn list(&self, kind: holdfast_format::FileType) -> holdfast_format::Result<Vec<crate::Listed>> {
            self.inner.list(kind)
        }
    };
    (@remove) => {
        fn remove(&self, file: &crate::Handle) -> holdfast_format::Result<()> {
            self.inner.remove(file)
        }
    };
    (@folder) => {
        fn folder(&self) -> Option<&std::path::Path> {
            self.inner.folder()
        }
    };
    (@forget) => {
        fn forget(&self, file: &crate::Handle) {
            self.inner.forget(file);
        }
    };
}

pub(crate) use pass_on;
