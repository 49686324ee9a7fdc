//! The `holdfast ...` line that does the same as a dialog, to copy into a terminal.

use std::path::Path;
use std::time::Duration;

use holdfast_engine::backup::VolumeOptions;

use crate::api::{
    BackupRequest, ClusterScoped, ConflictPolicy, Failure, RestoreRequest, Selection, VolumeMode,
};
use crate::clusters::{SANDBOX, context_of};
use crate::vaults::{KnownVault, method_word};
use crate::{App, selection};

/// A command line that grows.
struct Command {
    words: Vec<String>,
    quote: fn(&str) -> String,
}

impl Command {
    fn new(verb: &str) -> Self {
        // PowerShell and the shells of the other systems differ in one thing only: a quote inside quotes.
        let quote = if cfg!(windows) { powershell } else { posix };
        Self { words: vec!["holdfast".to_owned(), verb.to_owned()], quote }
    }

    fn option(&mut self, name: &str, value: &str) {
        let word = (self.quote)(value);
        // A value that begins like an option would be taken for one.
        if value.starts_with('-') {
            self.words.push(format!("{name}={word}"));
        } else {
            self.words.extend([name.to_owned(), word]);
        }
    }

    fn list(&mut self, name: &str, values: &[String]) {
        let values: Vec<&str> =
            values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect();
        if !values.is_empty() {
            self.option(name, &values.join(","));
        }
    }

    fn flag(&mut self, name: &str) {
        self.words.push(name.to_owned());
    }

    fn selection(&mut self, selection: &Selection) {
        self.list("--include-namespaces", &selection.include_namespaces);
        self.list("--exclude-namespaces", &selection.exclude_namespaces);
        self.list("--include-resources", &selection.include_resources);
        self.list("--exclude-resources", &selection.exclude_resources);
        let labels = selection.label_selector.trim();
        if !labels.is_empty() {
            self.option("--selector", labels);
        }
        match selection.cluster_scoped {
            ClusterScoped::Auto => {}
            ClusterScoped::All => self.option("--include-cluster-resources", "true"),
            ClusterScoped::None => self.option("--include-cluster-resources", "false"),
        }
        if selection.exclude_secrets {
            self.flag("--exclude-secrets");
        }
    }

    fn volumes(&mut self, options: &VolumeOptions) {
        if !options.snapshots {
            return self.option("--snapshot-volumes", "false");
        }
        let usual = VolumeOptions::default();
        if options.timeout != usual.timeout {
            self.option("--snapshot-timeout", &time(options.timeout));
        }
        if options.freeze_timeout != usual.freeze_timeout {
            self.option("--freeze-timeout", &time(options.freeze_timeout));
        }
        if options.at_once != usual.at_once {
            self.option("--snapshot-concurrency", &options.at_once.to_string());
        }
        for (driver, class) in &options.classes {
            self.option("--snapshot-class", &format!("{driver}={class}"));
        }
        let hooks: Vec<String> = options.hooks.iter().map(ToString::to_string).collect();
        self.list("--hooks", &hooks);
    }

    fn finish(self) -> String {
        self.words.join(" ")
    }
}

/// The file that a command names for resource modifiers.
const MODIFIERS_FILE: &str = "modifiers.yaml";

impl App {
    /// The `holdfast backup` that does the same.
    #[expect(clippy::unused_async, reason = "every call of the window is asynchronous")]
    pub async fn backup_command(&self, request: BackupRequest) -> Result<String, Failure> {
        selection::selection(&request.selection)?;
        let name = selection::point_name(&request.name)?;
        let vault = self.inner.vaults.get(&request.vault_id)?;
        let mut command = Command::new("backup");
        self.place(&mut command, &request.cluster_id, &vault);
        command.option("--name", name.as_str());
        command.selection(&request.selection);
        command.volumes(&selection::volume_options(&request.volumes)?);
        Ok(command.finish())
    }

    /// The `holdfast restore` that does the same. Resource modifiers are too long for it: it names a file to put them into.
    pub(crate) fn restore_command(&self, request: &RestoreRequest) -> Result<String, Failure> {
        let vault = self.inner.vaults.get(&request.point.vault_id)?;
        let mut command = Command::new("restore");
        self.place(&mut command, &request.cluster_id, &vault);
        command.option("--point", &request.point.point);
        command.selection(&request.selection);
        command.list("--include-objects", &request.objects);
        command.list("--exclude-objects", &request.exclusions);
        let mappings = selection::mappings_text(request)?;
        if !mappings.is_empty() {
            command.option("--namespace-mappings", &mappings);
        }
        if request.conflict_policy == ConflictPolicy::Patch {
            command.option("--conflict-policy", "patch");
        }
        command.list("--policy-for", &request.policies);
        if !request.modifiers.trim().is_empty() {
            command.option("--resource-modifiers-file", MODIFIERS_FILE);
        }
        if request.volume_mode == VolumeMode::WithoutData {
            command.option("--volume-mode", "without-data");
        }
        for (from, to) in selection::storage_classes(&request.storage_classes)? {
            command.option("--storage-class-mapping", &format!("{from}={to}"));
        }
        if let Some(seconds) = request.volume_timeout_seconds {
            command.option("--volume-timeout", &time(Duration::from_secs(seconds)));
        }
        command.list("--hooks", &request.hooks);
        Ok(command.finish())
    }

    fn place(&self, command: &mut Command, cluster_id: &str, vault: &KnownVault) {
        command.option("--cluster", context_of(cluster_id));
        let files = &self.inner.settings.current().kubeconfig_files;
        // The terminal takes one file; more are given to it by KUBECONFIG.
        if let [file] = files.as_slice()
            && cluster_id != SANDBOX
        {
            command.option("--kubeconfig", &Path::new(file).display().to_string());
        }
        command.option("--vault", &vault.url.to_string());
        if let Some(method) = method_word(vault.auth) {
            command.option("--auth", &method);
        }
    }
}

/// A length of time as the terminal takes it.
fn time(length: Duration) -> String {
    match length.as_secs() {
        seconds if seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

/// Whether no shell sees anything in the word but text.
fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:@%+=".contains(&b))
}

fn posix(word: &str) -> String {
    if is_plain(word) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

fn powershell(word: &str) -> String {
    // PowerShell takes a comma, an @ and a leading dash for something else.
    let plain = is_plain(word) && !word.contains(['@', '%']);
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "''")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a shell makes of a line, word by word.
    #[cfg(unix)]
    fn words(line: &str) -> Vec<String> {
        let script = format!("printf '%s\\0' {line}");
        let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert!(output.status.success(), "{line}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.strip_suffix('\0').unwrap_or_default().split('\0').map(str::to_owned).collect()
    }

    #[cfg(unix)]
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_shell_gives_back_every_word(values in prop::collection::vec("[ -~äß\\n]{0,12}", 1..5)) {
            let mut command = Command::new("backup");
            command.quote = posix;
            for value in &values {
                command.option("--x", value);
            }
            let mut expected = vec!["holdfast".to_owned(), "backup".to_owned()];
            for value in &values {
                if value.starts_with('-') {
                    expected.push(format!("--x={value}"));
                } else {
                    expected.extend(["--x".to_owned(), value.clone()]);
                }
            }
            prop_assert_eq!(words(&command.finish()), expected);
        }
    }

    #[test]
    fn quotes_are_doubled_for_powershell() {
        assert_eq!(powershell("it's a,b"), "'it''s a,b'");
        assert_eq!(powershell("file:///srv/x"), "file:///srv/x");
    }
}
