//! Which form of the kernels a process uses: the best that the CPU has, or the one that `HOLDFAST_KERNELS` names.

use std::{env, fmt, sync::OnceLock};

use crate::{aes, poly1305, rabin, scrypt, selftest, sha256};

/// Environment variable that names the form: `scalar`, `avx2`, `avx2-gfni` or `avx512`. Unset or empty: the best one.
pub const VARIABLE: &str = "HOLDFAST_KERNELS";

/// A form of the kernels that this machine has. It cannot be made for a machine that lacks it, so having one is the
/// proof of its CPU features.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Form {
    pub(crate) set: Set,
    /// SHA-NI and AVX are there; never in the scalar form.
    pub(crate) sha: bool,
    /// VAES, AES-NI and AVX2 are there; never in the scalar form.
    pub(crate) vaes: bool,
}

/// Instruction sets, each with all that its kernels need.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Set {
    /// What the target always has.
    Scalar,
    /// AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX2 and GFNI.
    #[cfg(target_arch = "x86_64")]
    Avx2Gfni,
    /// AVX-512 F, BW, VBMI and IFMA, and GFNI.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Form {
    /// What every machine has, and what the other forms must agree with.
    pub const SCALAR: Form = Form { set: Set::Scalar, sha: false, vaes: false };

    /// Every form that this machine has, the best one last.
    pub fn available() -> Vec<Form> {
        std::iter::once(Form::SCALAR).chain(vectors()).collect()
    }

    /// The form of this process.
    ///
    /// # Panics
    /// When [`check`] fails.
    pub fn chosen() -> Form {
        match choice() {
            Ok(form) => *form,
            Err(reason) => panic!("{reason}"),
        }
    }

    /// The name that `HOLDFAST_KERNELS` takes.
    pub fn name(self) -> &'static str {
        match self.set {
            Set::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2Gfni => "avx2-gfni",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => "avx512",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (rabin, sha256) = (rabin::describe(*self), sha256::describe(*self));
        let (aes, poly1305, scrypt) =
            (aes::describe(*self), poly1305::describe(*self), scrypt::describe(*self));
        write!(
            f,
            "{} (rabin {rabin}, sha256 {sha256}, aes {aes}, poly1305 {poly1305}, scrypt {scrypt})",
            self.name()
        )
    }
}

/// Whether this process has kernels that can be trusted: `HOLDFAST_KERNELS` names a form of this machine, and the form
/// gives known answers and those of its scalar twin. Takes less than a millisecond, once a process.
///
/// # Errors
/// What is wrong and what to do about it. No kernel works then: each panics with the same text.
pub fn check() -> Result<(), String> {
    choice().as_ref().map(|_| ()).map_err(Clone::clone)
}

/// The form of this process and what it means for each kernel, or why there is none: for versions and bug reports.
pub fn describe() -> String {
    match choice() {
        Ok(form) => form.to_string(),
        Err(reason) => format!("none ({reason})"),
    }
}

fn choice() -> &'static Result<Form, String> {
    static CHOICE: OnceLock<Result<Form, String>> = OnceLock::new();
    CHOICE.get_or_init(|| {
        let wanted = env::var_os(VARIABLE).unwrap_or_default();
        let form = choose(&wanted.to_string_lossy(), &Form::available())?;
        selftest::run(form)?;
        Ok(form)
    })
}

/// The form of this name, or the last one where the name is empty.
fn choose(wanted: &str, available: &[Form]) -> Result<Form, String> {
    let found = available.iter().rfind(|form| wanted.is_empty() || form.name() == wanted);
    found.copied().ok_or_else(|| {
        let names: Vec<_> = available.iter().map(|form| form.name()).collect();
        let names = names.join(", ");
        format!("{VARIABLE}={wanted:?}: this machine has {names}; set it to one of these or unset it")
    })
}

#[cfg(target_arch = "x86_64")]
fn vectors() -> impl Iterator<Item = Form> {
    use std::arch::is_x86_feature_detected as has;
    let sha = has!("sha") && has!("avx");
    let avx2 = has!("avx2");
    let vaes = avx2 && has!("aes") && has!("vaes");
    let gfni = avx2 && has!("gfni");
    let avx512 = has!("avx512f") && has!("avx512bw") && has!("avx512vbmi") && has!("avx512ifma");
    let sets = [(Set::Avx2, avx2), (Set::Avx2Gfni, gfni), (Set::Avx512, gfni && avx512)];
    sets.into_iter().filter(|(_, has)| *has).map(move |(set, _)| Form { set, sha, vaes })
}

#[cfg(not(target_arch = "x86_64"))]
fn vectors() -> impl Iterator<Item = Form> {
    std::iter::empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_name_the_best_form_is_taken() {
        let forms = Form::available();
        assert_eq!(choose("", &forms), Ok(*forms.last().unwrap()));
    }

    #[test]
    fn every_form_is_found_by_its_name() {
        for form in Form::available() {
            assert_eq!(choose(form.name(), &Form::available()), Ok(form));
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_those_that_exist() {
        let refusal = choose("sse9", &[Form::SCALAR]).unwrap_err();
        assert_eq!(
            refusal,
            "HOLDFAST_KERNELS=\"sse9\": this machine has scalar; set it to one of these or unset it"
        );
    }

    #[test]
    fn a_form_that_the_machine_lacks_is_refused() {
        assert!(choose("avx512", &[Form::SCALAR]).is_err());
    }

    #[test]
    fn the_process_says_what_it_uses() {
        assert_eq!(check(), Ok(()));
        assert!(describe().starts_with(Form::chosen().name()));
    }
}
