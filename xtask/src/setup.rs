//! `cargo xtask setup`: what a Debian or Ubuntu machine with Rust, Node and Go needs besides.
//!
//! Looks first and installs only what is missing, after saying what; on a machine that has everything it is silent. Every
//! verb that builds something calls it.

use std::env;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::{azurite, ui};

/// A program, the Debian packages that bring it, and why it is needed.
struct Tool {
    program: &'static str,
    packages: &'static [&'static str],
    reason: &'static str,
}

/// `aws-lc-sys` brings its bindings for Linux and needs a C compiler only, no cmake and no clang.
const TOOLS: [Tool; 4] = [
    Tool { program: "cc", packages: &["gcc", "libc6-dev"], reason: "linking, and the C in aws-lc" },
    Tool { program: "tar", packages: &["tar"], reason: "tests that read archives as a user would" },
    Tool { program: "node", packages: &["nodejs"], reason: "the front end, and Azurite for tests" },
    Tool { program: "npm", packages: &["npm"], reason: "installing what both are made of" },
];

/// What the window is tested with, in a display and a session of its own.
const WINDOW_TOOLS: [Tool; 3] = [
    Tool { program: "WebKitWebDriver", packages: &["webkit2gtk-driver"], reason: "tests of the real window" },
    Tool { program: "xvfb-run", packages: &["xvfb", "xauth"], reason: "a display for those tests" },
    Tool { program: "dbus-run-session", packages: &["dbus"], reason: "a session bus for those tests" },
];

/// What a node of the test cluster runs with. The plugins are in no folder of PATH, so they go by their own.
const NODE_TOOLS: [Tool; 5] = [
    Tool { program: "containerd", packages: &["containerd"], reason: "running the pods of test clusters" },
    Tool { program: "runc", packages: &["runc"], reason: "running the containers of those pods" },
    Tool {
        program: "/usr/lib/cni/bridge",
        packages: &["containernetworking-plugins"],
        reason: "the network of those pods",
    },
    Tool { program: "ip", packages: &["iproute2"], reason: "connecting that network" },
    Tool { program: "busybox", packages: &["busybox-static"], reason: "the image of those pods" },
];

/// A library to build with, as pkg-config calls it.
struct Library {
    module: &'static str,
    packages: &'static [&'static str],
    reason: &'static str,
}

/// Its package brings GTK, libsoup and pkg-config with it.
const LIBRARIES: [Library; 1] = [Library {
    module: "webkit2gtk-4.1",
    packages: &["libwebkit2gtk-4.1-dev"],
    reason: "the web view of the window",
}];

/// `cargo xtask setup`.
pub(crate) async fn run() -> Result<ExitCode> {
    ensure()?;
    ensure_node()?;
    azurite::install().await?;
    ui::build().await?;
    println!("Everything is here.");
    Ok(ExitCode::SUCCESS)
}

/// Makes sure that everything needed is here.
pub(crate) fn ensure() -> Result<()> {
    if find("go").is_none() {
        bail!(
            "`go` is not in PATH; install Go 1.26 or newer (https://go.dev/doc/install): the test cluster is built with it"
        );
    }
    packages(TOOLS.iter().chain(&WINDOW_TOOLS), &LIBRARIES)?;
    components()
}

/// Makes sure that what a node of a test cluster needs is here. Debian's containerd may come with a service that is started;
/// the node uses programs only and shares nothing with it.
pub(crate) fn ensure_node() -> Result<()> {
    packages(&NODE_TOOLS, &[])
}

/// Makes sure that what it takes to build the terminal program is here.
pub(crate) fn ensure_build() -> Result<()> {
    packages(&TOOLS, &[])
}

/// Makes sure that what it takes to build the window is here.
pub(crate) fn ensure_window() -> Result<()> {
    packages(&TOOLS, &LIBRARIES)
}

fn packages<'a>(tools: impl IntoIterator<Item = &'a Tool>, libraries: &[Library]) -> Result<()> {
    let missing: Vec<_> = tools.into_iter().filter(|tool| find(tool.program).is_none()).collect();
    let absent: Vec<_> = libraries.iter().filter(|library| !has_library(library.module)).collect();
    if missing.is_empty() && absent.is_empty() {
        return Ok(());
    }
    for tool in &missing {
        eprintln!("`{}` is missing ({}).", tool.program, tool.reason);
    }
    for library in &absent {
        eprintln!("The library `{}` is missing ({}).", library.module, library.reason);
    }
    let of_tools = missing.iter().flat_map(|tool| tool.packages);
    let of_libraries = absent.iter().flat_map(|library| library.packages);
    let packages: Vec<_> = of_tools.chain(of_libraries).copied().collect();
    if find("apt-get").is_none() {
        bail!(
            "this machine has no apt-get; install what Debian calls {}, then try again",
            packages.join(" ")
        );
    }
    eprintln!("Installing from Debian: {}", packages.join(" "));
    let install = ["apt-get", "install", "-y", "--no-install-recommends"].iter().chain(&packages).copied();
    // A fresh machine, or a container image, may have no package lists at all.
    privileged(&["apt-get", "update"])?;
    privileged(&install.collect::<Vec<_>>())?;
    if let Some(tool) = missing.iter().find(|tool| find(tool.program).is_none()) {
        bail!("`{}` is still not in PATH after its packages were installed", tool.program);
    }
    if let Some(library) = absent.iter().find(|library| !has_library(library.module)) {
        bail!("pkg-config still does not find `{}` after its packages were installed", library.module);
    }
    Ok(())
}

fn has_library(module: &str) -> bool {
    let mut command = Command::new("pkg-config");
    command.args(["--exists", module]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn components() -> Result<()> {
    // Under rustup the programs exist even where the component does not: only running them tells.
    let runs = |program: &str, arguments: &[&str]| {
        let status =
            Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let mut missing = Vec::new();
    if !runs("rustfmt", &["--version"]) {
        missing.push("rustfmt");
    }
    if !runs("cargo", &["clippy", "--version"]) {
        missing.push("clippy");
    }
    if missing.is_empty() {
        return Ok(());
    }
    if find("rustup").is_none() {
        bail!(
            "{} is missing and there is no rustup to add it; install it as your Rust was installed",
            missing.join(" and ")
        );
    }
    execute(Command::new("rustup").args(["component", "add"]).args(missing))
}

/// Runs a command as root.
fn privileged(words: &[&str]) -> Result<()> {
    let (program, arguments) = words.split_first().context("an empty command")?;
    if rustix::process::geteuid().is_root() {
        return execute(Command::new(program).args(arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    }
    if find("sudo").is_none() {
        bail!("`{}` needs root, and there is no sudo; run it as root, then try again", words.join(" "));
    }
    let mut command = Command::new("sudo");
    if !std::io::stdin().is_terminal() {
        // Nobody could type a password: fail rather than wait.
        command.arg("-n");
    }
    execute(command.args(words))
}

/// Says what it runs, and runs it in the foreground: sudo asks for a password at the terminal.
fn execute(command: &mut Command) -> Result<()> {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect();
    let shown = words.join(" ");
    eprintln!("Running: {shown}");
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}
