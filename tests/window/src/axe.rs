//! Accessibility, judged by axe-core in the window itself.

use std::path::Path;

use serde_json::Value;

use crate::desk::Desk;

impl Desk {
    /// Ends the test when axe-core finds something serious or critical on this screen.
    pub async fn is_accessible(&self, screen: &str) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask setup` installs it", file.display()));
        // What is half faded in has no contrast yet.
        self.until("nothing moves", async || {
            self.run("return document.getAnimations().every((a) => a.playState !== 'running')").await
                == Value::Bool(true)
        })
        .await;
        self.run(&axe).await;
        let script = "const done = arguments[arguments.length - 1];
            // Fluent's keyboard traps are focusable on purpose and read by nobody.
            axe.run({ exclude: [['[data-tabster-dummy]']] }, { resultTypes: ['violations'] }).then(
                (found) => done(found.violations
                    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
                    .map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html).join(' | ')}`)),
                (error) => done([String(error)]));";
        let found = self.client.execute_async(script, Vec::new()).await.unwrap();
        let found: Vec<&str> = found.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(found.is_empty(), "{screen}: {found:#?}");
    }
}
