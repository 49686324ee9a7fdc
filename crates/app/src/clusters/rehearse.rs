//! Breaking the sandbox on purpose, so that a restore can be tried. No other cluster is ever touched.

use holdfast_sandbox::Sandbox;

use crate::api::{Failure, Rehearsal, Topic};
use crate::{App, blocking};

impl App {
    /// Does something to the sandbox; gives the number of objects that it concerns. `namespace` is ignored by
    /// [`Rehearsal::Reset`].
    pub async fn rehearse(&self, what: Rehearsal, namespace: String) -> Result<u64, Failure> {
        let folder = self.sandbox_folder();
        tracing::info!(?what, namespace, "the sandbox is changed");
        let done = blocking("changing the sandbox", move || match what {
            Rehearsal::Lose => Sandbox::open(&folder)?.lose(&namespace),
            Rehearsal::Drift => Sandbox::open(&folder)?.drift(&namespace),
            Rehearsal::Reset => Sandbox::reset(&folder).map(|()| 0),
        });
        let objects = done.await??;
        self.inner.readings.forget();
        self.inner.events.changed(&[Topic::Clusters]);
        Ok(objects as u64)
    }
}
