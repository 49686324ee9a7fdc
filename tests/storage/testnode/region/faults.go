package region

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Faults is what is to go wrong: `faults.json` in the region's folder, read at
// every call. Without the file nothing does.
type Faults struct {
	// SnapshotReadyAfterMS makes new snapshots ready only that much after their cut.
	SnapshotReadyAfterMS int64 `json:"snapshot_ready_after_ms"`
	// SnapshotTakesMS is how long CreateSnapshot takes before the cut.
	SnapshotTakesMS int64 `json:"snapshot_takes_ms"`
	// SnapshotFails is the message with which every CreateSnapshot fails.
	SnapshotFails string `json:"snapshot_fails"`
	// SnapshotFailsOnce has the first CreateSnapshot of each name fail.
	SnapshotFailsOnce bool `json:"snapshot_fails_once"`
	// NeverReady has snapshots not ready as long as it is set.
	NeverReady bool `json:"never_ready"`
	// SnapshotLimit is how many snapshots a volume may have.
	SnapshotLimit *int `json:"snapshot_limit"`
	// Unavailable has every call fail, as when the driver is down.
	Unavailable bool `json:"unavailable"`
	// DeleteFails has every DeleteSnapshot fail.
	DeleteFails bool `json:"delete_fails"`
	// ProvisionTakesMS is how long CreateVolume takes.
	ProvisionTakesMS int64 `json:"provision_takes_ms"`
	// OnlyClaims has the faults for volumes of these claims alone, and for their
	// snapshots: `name` or `namespace/name`.
	OnlyClaims []string `json:"only_claims"`
}

// Faults reads the switches. A field that is not known is an error: a test with
// a typing error must not pass for a test without faults.
func (r *Region) Faults() (*Faults, error) {
	text, err := os.ReadFile(filepath.Join(r.root, "faults.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return &Faults{}, nil
	} else if err != nil {
		return nil, err
	}
	faults, decoder := &Faults{}, json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(faults); err != nil {
		return nil, fmt.Errorf("faults.json: %w", err)
	}
	return faults, nil
}

// For gives the faults of a claim's volume: none where they are for others.
func (f *Faults) For(namespace, claim string) *Faults {
	if len(f.OnlyClaims) == 0 || slices.Contains(f.OnlyClaims, claim) || slices.Contains(f.OnlyClaims, namespace+"/"+claim) {
		return f
	}
	return &Faults{}
}

// General gives the faults of calls that are about no volume.
func (f *Faults) General() *Faults {
	if len(f.OnlyClaims) == 0 {
		return f
	}
	return &Faults{}
}
