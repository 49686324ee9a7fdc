//! Accessibility, judged by axe-core in the window itself.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::desk::Desk;
use crate::screen::answer;

/// What fades in while axe looks has no contrast yet; what is still wrong at the last look is wrong.
const LOOKS: usize = 3;
/// Longer than any movement of the window.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

impl Desk {
    /// Ends the test when axe-core finds something serious or critical on this screen.
    pub async fn is_accessible(&self, screen: &str) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask setup` installs it", file.display()));
        self.run(&axe).await;
        let mut found = Vec::new();
        for _ in 0..LOOKS {
            self.until("nothing moves", async || {
                self.run("return document.getAnimations().every((a) => a.playState !== 'running')").await
                    == Value::Bool(true)
            })
            .await;
            found = self.serious().await;
            if found.is_empty() {
                return;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        self.shot("failure").await;
        panic!("{screen}: {found:#?}");
    }

    /// What axe finds on the screen as it is.
    async fn serious(&self) -> Vec<String> {
        let script = "const done = arguments[arguments.length - 1];
            // Fluent's keyboard traps are focusable on purpose and read by nobody.
            axe.run({ exclude: [['[data-tabster-dummy]']] }, { resultTypes: ['violations'] }).then(
                (found) => done(found.violations
                    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
                    .map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html).join(' | ')}`)),
                (error) => done([String(error)]));";
        let found = answer("axe", self.client.execute_async(script, Vec::new())).await.unwrap();
        serde_json::from_value(found).unwrap()
    }
}
