//! A server that answers as it is told, one connection a request.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

/// Lives as long as the test.
pub struct Server {
    /// `http://127.0.0.1:port`
    pub address: String,
    requests: Receiver<Request>,
    _done: Sender<()>,
}

/// What arrived.
pub struct Request {
    /// First line and headers, as they came.
    pub head: String,
    pub body: Vec<u8>,
}

impl Request {
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        found.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// An answer with some header lines, each with its line end.
pub fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Some Reason\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

/// After the last answer requests are read and never answered.
pub fn serve(answers: impl IntoIterator<Item = String>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answers: Vec<String> = answers.into_iter().collect();
    let ((arrived, requests), (done, until)) = (channel(), channel::<()>());
    std::thread::spawn(move || {
        for text in answers {
            let mut stream = listener.accept().unwrap().0;
            let request = read(&mut stream);
            let _ = arrived.send(request);
            stream.write_all(text.as_bytes()).unwrap();
        }
        let Ok((mut stream, _)) = listener.accept() else { return };
        let request = read(&mut stream);
        let _ = arrived.send(request);
        let _ = until.recv();
    });
    Server { address, requests, _done: done }
}

impl Server {
    /// The next request that arrived.
    pub fn request(&self) -> Request {
        self.requests.recv().unwrap()
    }
}

fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        take(stream, &mut bytes);
    };
    let mut request =
        Request { head: String::from_utf8(bytes[..end].to_vec()).unwrap(), body: bytes.split_off(end) };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    while request.body.len() < length {
        take(stream, &mut request.body);
    }
    request
}

fn take(stream: &mut TcpStream, into: &mut Vec<u8>) {
    let mut piece = [0; 4096];
    let read = stream.read(&mut piece).unwrap();
    assert!(read > 0, "the client hung up in the middle of a request");
    into.extend_from_slice(&piece[..read]);
}
