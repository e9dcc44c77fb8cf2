//! `HOLDFAST_KERNELS`, as a process sees it.

use std::process::{Command, Output};

use holdfast_kernels::{Form, VARIABLE, check, describe, sha256};

/// Runs in a process of its own, started by the tests below.
#[test]
#[ignore = "what the child does"]
fn child() {
    println!("kernels: {}", describe());
    check().unwrap();
    sha256::one(b"abc");
}

fn run(form: &str) -> Output {
    let exe = std::env::current_exe().unwrap();
    Command::new(exe)
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(VARIABLE, form)
        .output()
        .unwrap()
}

#[test]
fn every_form_of_this_machine_can_be_forced() {
    for form in Form::available() {
        let output = run(form.name());
        assert!(output.status.success(), "{form}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(&format!("kernels: {form}")), "{text}");
    }
}

#[test]
fn an_unknown_form_is_not_replaced_by_another() {
    let output = run("sse9");
    assert!(!output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("kernels: none (HOLDFAST_KERNELS=\"sse9\": this machine has scalar"), "{text}");
}
