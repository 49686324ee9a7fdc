package driver

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"holdfast.test/testnode/region"
)

func (d *driver) CreateSnapshot(_ context.Context, request *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	if !d.kind.snapshots {
		return nil, status.Errorf(codes.Unimplemented, "%s makes no snapshots", d.name)
	}
	if request.Name == "" || request.SourceVolumeId == "" {
		return nil, status.Error(codes.InvalidArgument, "a snapshot needs a name and a volume")
	}
	taken, err := parameters(request.Parameters, snapshotParameters)
	if err != nil {
		return nil, err
	}
	if kind, given := taken["incremental"]; given && kind != "true" && kind != "false" {
		return nil, status.Errorf(codes.InvalidArgument, "incremental is %q, neither true nor false", kind)
	}
	resourceGroup := taken["resourcegroup"]
	if resourceGroup == "" {
		resourceGroup = d.resourceGroup
	}
	handle := snapshotHandle(resourceGroup, request.Name)
	all, err := d.region.Faults()
	if err != nil {
		return nil, err
	}
	snapshots := d.region.Snapshots()
	snapshot, err := snapshots.Get(handle)
	if errors.Is(err, region.ErrNotFound) {
		snapshot, err = d.cut(request, handle, taken, all)
	}
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(snapshot.Source, request.SourceVolumeId) {
		return nil, status.Errorf(codes.AlreadyExists, "%s is there and is one of another volume", handle)
	}
	return &csi.CreateSnapshotResponse{Snapshot: answer(snapshot, all)}, nil
}

// cut makes a snapshot, or fails as the faults will have it.
func (d *driver) cut(request *csi.CreateSnapshotRequest, handle string, parameters map[string]string, all *region.Faults) (*region.Record, error) {
	volume, err := d.region.Volumes().Get(request.SourceVolumeId)
	if err != nil {
		return nil, err
	}
	faults := all.For(volume.Namespace, volume.Claim)
	if faults.SnapshotFails != "" {
		return nil, status.Error(codes.Internal, faults.SnapshotFails)
	}
	if faults.SnapshotFailsOnce {
		if _, again := d.failed.LoadOrStore(request.Name, true); !again {
			return nil, status.Error(codes.Internal, "the first attempt fails")
		}
	}
	if faults.SnapshotLimit != nil {
		records, err := d.region.Snapshots().List()
		if err != nil {
			return nil, err
		}
		others := slices.DeleteFunc(records, func(other *region.Record) bool { return !strings.EqualFold(other.Source, volume.Handle) })
		if len(others) >= *faults.SnapshotLimit {
			return nil, status.Errorf(codes.ResourceExhausted,
				"create snapshot error: RESPONSE 409: 409 Conflict ERROR CODE: SnapshotQuotaExceeded: the disk %s has reached its limit of %d snapshots",
				volume.Handle, *faults.SnapshotLimit)
		}
	}
	time.Sleep(time.Duration(faults.SnapshotTakesMS) * time.Millisecond)
	now := time.Now()
	snapshot := &region.Record{
		Handle: handle, Driver: d.name, Size: volume.Size, Source: volume.Handle, Created: now,
		ReadyAt:    now.Add(time.Duration(faults.SnapshotReadyAfterMS) * time.Millisecond),
		Parameters: parameters, Claim: volume.Claim, Namespace: volume.Namespace,
	}
	if name := request.Parameters[snapshotKey]; name != "" {
		snapshot.Snapshot = request.Parameters[snapshotNamespaceKey] + "/" + name
	}
	return snapshot, d.region.Snapshots().Add(snapshot, volume.Data())
}

func answer(snapshot *region.Record, all *region.Faults) *csi.Snapshot {
	never := all.For(snapshot.Namespace, snapshot.Claim).NeverReady
	return &csi.Snapshot{
		SnapshotId: snapshot.Handle, SourceVolumeId: snapshot.Source, SizeBytes: snapshot.Size,
		CreationTime: timestamppb.New(snapshot.Created),
		ReadyToUse:   !never && !time.Now().Before(snapshot.ReadyAt),
	}
}

func (d *driver) DeleteSnapshot(_ context.Context, request *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	if request.SnapshotId == "" {
		return nil, status.Error(codes.InvalidArgument, "the snapshot has no handle")
	}
	all, err := d.region.Faults()
	if err != nil {
		return nil, err
	}
	if d.faultsOf(all, d.region.Snapshots(), request.SnapshotId).DeleteFails {
		return nil, status.Errorf(codes.Internal, "the snapshot %s cannot be deleted", request.SnapshotId)
	}
	return &csi.DeleteSnapshotResponse{}, d.region.Snapshots().Remove(request.SnapshotId)
}

// ListSnapshots is how csi-snapshotter looks up a handle that another cluster's
// made.
func (d *driver) ListSnapshots(_ context.Context, request *csi.ListSnapshotsRequest) (*csi.ListSnapshotsResponse, error) {
	skip := 0
	if request.StartingToken != "" {
		var err error
		if skip, err = strconv.Atoi(request.StartingToken); err != nil || skip < 0 {
			return nil, status.Errorf(codes.Aborted, "%q is not where a list goes on", request.StartingToken)
		}
	}
	all, err := d.region.Faults()
	if err != nil {
		return nil, err
	}
	records, err := d.region.Snapshots().List()
	if err != nil {
		return nil, err
	}
	list := &csi.ListSnapshotsResponse{}
	for at, record := range records {
		other := (request.SnapshotId != "" && !strings.EqualFold(record.Handle, request.SnapshotId)) ||
			(request.SourceVolumeId != "" && !strings.EqualFold(record.Source, request.SourceVolumeId))
		if at < skip || other {
			continue
		}
		if request.MaxEntries > 0 && len(list.Entries) == int(request.MaxEntries) {
			list.NextToken = strconv.Itoa(at)
			break
		}
		list.Entries = append(list.Entries, &csi.ListSnapshotsResponse_Entry{Snapshot: answer(record, all)})
	}
	return list, nil
}
