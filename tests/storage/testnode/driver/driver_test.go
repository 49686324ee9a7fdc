package driver

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"holdfast.test/testnode/region"
)

type bench struct {
	*driver
	t    *testing.T
	root string
}

func newBench(t *testing.T) bench {
	root := t.TempDir()
	region, err := region.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	const name = "disk.csi.azure.com"
	return bench{&driver{name: name, kind: kinds[name], zone: "z", resourceGroup: "mc", region: region}, t, root}
}

func (b bench) faults(text string) {
	if err := os.WriteFile(filepath.Join(b.root, "faults.json"), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b bench) volume(name, claim string, size int64, from string, parameters map[string]string) (string, error) {
	all := map[string]string{claimKey: claim, claimNamespaceKey: "ns"}
	for key, value := range parameters {
		all[key] = value
	}
	request := &csi.CreateVolumeRequest{
		Name: name, Parameters: all, CapacityRange: &csi.CapacityRange{RequiredBytes: size},
		VolumeCapabilities: []*csi.VolumeCapability{{AccessType: &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{}}}},
	}
	if from != "" {
		request.VolumeContentSource = &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Snapshot{
			Snapshot: &csi.VolumeContentSource_SnapshotSource{SnapshotId: from},
		}}
	}
	answer, err := b.CreateVolume(context.Background(), request)
	return answer.GetVolume().GetVolumeId(), err
}

func (b bench) snapshot(name, volume string, parameters map[string]string) (*csi.Snapshot, error) {
	answer, err := b.CreateSnapshot(context.Background(), &csi.CreateSnapshotRequest{Name: name, SourceVolumeId: volume, Parameters: parameters})
	return answer.GetSnapshot(), err
}

func want(t *testing.T, what string, err error, code codes.Code) {
	t.Helper()
	if status.Code(err) != code {
		t.Errorf("%s: %v, not %v", what, err, code)
	}
}

func TestWhatAzureRefusesIsRefused(t *testing.T) {
	b := newBench(t)
	volume, err := b.volume("pvc-1", "data", 100, "", nil)
	want(t, "a volume", err, codes.OK)
	snapshot, err := b.snapshot("snapshot-1", volume, map[string]string{"incremental": "true", "resourceGroup": "backups"})
	want(t, "a snapshot", err, codes.OK)
	if !strings.Contains(snapshot.SnapshotId, "/resourceGroups/backups/") || snapshot.SizeBytes != 100 || !snapshot.ReadyToUse {
		t.Errorf("the snapshot is %v", snapshot)
	}
	_, err = b.volume("pvc-2", "data", 99, snapshot.SnapshotId, nil)
	want(t, "less than the snapshot", err, codes.InvalidArgument)
	_, err = b.volume("pvc-2", "data", 200, snapshot.SnapshotId, nil)
	want(t, "more than the snapshot", err, codes.OK)
	_, err = b.volume("pvc-3", "data", 1, "", map[string]string{"colour": "red"})
	want(t, "an unknown parameter", err, codes.InvalidArgument)
	_, err = b.snapshot("snapshot-2", volume, map[string]string{"incremental": "yes"})
	want(t, "incremental: yes", err, codes.InvalidArgument)
	_, err = b.snapshot("snapshot-2", volume, map[string]string{"colour": "red"})
	want(t, "an unknown parameter", err, codes.InvalidArgument)
	_, err = b.snapshot("snapshot-1", volume+"x", nil)
	want(t, "a volume that is not there", b.graded(err), codes.NotFound)
}

// graded is an error as the interceptor passes it on.
func (b bench) graded(err error) error {
	_, err = b.call(context.Background(), &csi.ProbeRequest{}, &grpc.UnaryServerInfo{FullMethod: "/csi.v1.Identity/Probe"},
		func(context.Context, any) (any, error) { return nil, err })
	return err
}

func TestFaultsHitWhomTheyAreFor(t *testing.T) {
	b := newBench(t)
	data, _ := b.volume("pvc-1", "data", 1, "", nil)
	other, _ := b.volume("pvc-2", "other", 1, "", nil)
	remove := func(snapshot string) error {
		_, err := b.DeleteSnapshot(context.Background(), &csi.DeleteSnapshotRequest{SnapshotId: snapshot})
		return err
	}

	b.faults(`{"snapshot_fails_once": true, "only_claims": ["data"]}`)
	_, err := b.snapshot("s-1", data, nil)
	want(t, "the first attempt", err, codes.Internal)
	first, err := b.snapshot("s-1", data, nil)
	want(t, "the second attempt", err, codes.OK)
	_, err = b.snapshot("s-2", other, nil)
	want(t, "another claim", err, codes.OK)

	b.faults(`{"snapshot_limit": 1}`)
	_, err = b.snapshot("s-3", data, nil)
	want(t, "one too many", err, codes.ResourceExhausted)

	b.faults(`{"never_ready": true, "delete_fails": true, "only_claims": ["ns/data"]}`)
	if again, _ := b.snapshot("s-1", data, nil); again.ReadyToUse {
		t.Error("ready all the same")
	}
	want(t, "a deletion", remove(first.SnapshotId), codes.Internal)
	b.faults(`{}`)
	want(t, "a deletion", remove(first.SnapshotId), codes.OK)
	if left, _ := os.ReadDir(filepath.Join(b.root, "snapshots")); len(left) != 1 {
		t.Errorf("left: %v", left)
	}

	b.faults(`{"unavailable": true, "only_claims": ["data"]}`)
	want(t, "down", b.available(&csi.DeleteVolumeRequest{VolumeId: data}), codes.Unavailable)
	want(t, "not down", b.available(&csi.DeleteVolumeRequest{VolumeId: other}), codes.OK)
	want(t, "not down", b.available(&csi.ListSnapshotsRequest{}), codes.OK)
}
