package region

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestASnapshotOfOneProcessIsFoundByAnotherThroughItsHandle(t *testing.T) {
	root := t.TempDir()
	one, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	volume := &Record{Handle: "/subscriptions/0/resourceGroups/a/providers/Microsoft.Compute/disks/pvc-1"}
	if err := one.Volumes().Add(volume, ""); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(volume.Data(), "file"), "one")
	cut := &Record{Handle: "/subscriptions/0/resourceGroups/a/providers/Microsoft.Compute/snapshots/snapshot-1"}
	if err := one.Snapshots().Add(cut, volume.Data()); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(volume.Data(), "file"), "two")

	other, _ := Open(root)
	found, err := other.Snapshots().Get("/Subscriptions/0/resourcegroups/A/providers/microsoft.compute/snapshots/snapshot-1")
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(filepath.Join(found.Data(), "file")); string(text) != "one" {
		t.Fatalf("the snapshot has %q", text)
	}
	if _, err := other.Snapshots().Get("/subscriptions/0/resourceGroups/b/providers/Microsoft.Compute/snapshots/snapshot-1"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("another resource group has it too: %v", err)
	}

	if err := other.Snapshots().Remove(cut.Handle); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"snapshots", "unfinished"} {
		if left, _ := os.ReadDir(filepath.Join(root, folder)); len(left) != 0 {
			t.Fatalf("left in %s: %v", folder, left)
		}
	}
}

func TestFaultsAreForTheirClaimsAndAMistypedOneIsAnError(t *testing.T) {
	root := t.TempDir()
	region, _ := Open(root)
	write(t, filepath.Join(root, "faults.json"), `{"never_ready": true, "only_claims": ["a", "shop/b"]}`)
	faults, err := region.Faults()
	if err != nil {
		t.Fatal(err)
	}
	for claim, want := range map[[2]string]bool{{"x", "a"}: true, {"shop", "b"}: true, {"x", "b"}: false} {
		if faults.For(claim[0], claim[1]).NeverReady != want {
			t.Errorf("%v: not %v", claim, want)
		}
	}
	write(t, filepath.Join(root, "faults.json"), `{"never_redy": true}`)
	if _, err := region.Faults(); err == nil {
		t.Error("a mistyped fault was taken")
	}
}
