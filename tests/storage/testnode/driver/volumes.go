package driver

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"holdfast.test/testnode/region"
)

// defaultSize is that of a volume whose size nobody said.
const defaultSize = int64(1) << 30

func (d *driver) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	offered := []csi.ControllerServiceCapability_RPC_Type{csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME}
	if d.kind.snapshots {
		offered = append(offered, csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT, csi.ControllerServiceCapability_RPC_LIST_SNAPSHOTS)
	}
	answer := &csi.ControllerGetCapabilitiesResponse{}
	for _, call := range offered {
		answer.Capabilities = append(answer.Capabilities, &csi.ControllerServiceCapability{
			Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: call}},
		})
	}
	return answer, nil
}

// usable checks how a volume is to be used.
func (d *driver) usable(uses ...*csi.VolumeCapability) error {
	if len(uses) == 0 {
		return status.Error(codes.InvalidArgument, "nothing says how the volume is to be used")
	}
	for _, use := range uses {
		if use.GetMount() == nil {
			return status.Error(codes.InvalidArgument, "there are only file systems, no block devices")
		}
		mode := use.GetAccessMode().GetMode()
		if !d.kind.many && strings.HasPrefix(mode.String(), "MULTI_NODE") {
			return status.Errorf(codes.InvalidArgument, "a disk is for one node, so not %v", mode)
		}
	}
	return nil
}

func (d *driver) CreateVolume(_ context.Context, request *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	if request.Name == "" {
		return nil, status.Error(codes.InvalidArgument, "the volume has no name")
	}
	if err := d.usable(request.VolumeCapabilities...); err != nil {
		return nil, err
	}
	taken, err := parameters(request.Parameters, d.kind.volumeParameters)
	if err != nil {
		return nil, err
	}
	if request.VolumeContentSource != nil && request.VolumeContentSource.GetSnapshot() == nil {
		return nil, status.Error(codes.InvalidArgument, "a volume can be made from a snapshot only")
	}
	faults, err := d.region.Faults()
	if err != nil {
		return nil, err
	}
	claim, namespace := request.Parameters[claimKey], request.Parameters[claimNamespaceKey]
	time.Sleep(time.Duration(faults.For(namespace, claim).ProvisionTakesMS) * time.Millisecond)

	volumes, handle := d.region.Volumes(), d.volumeHandle(request.Name)
	source := request.VolumeContentSource.GetSnapshot().GetSnapshotId()
	size, limit := request.CapacityRange.GetRequiredBytes(), request.CapacityRange.GetLimitBytes()
	volume, err := volumes.Get(handle)
	switch {
	case err == nil: // asked for before: the same answer to the same question
		if volume.Source != source || volume.Size < size || (limit > 0 && volume.Size > limit) {
			return nil, status.Errorf(codes.AlreadyExists, "%s is there and is another one", handle)
		}
	case !errors.Is(err, region.ErrNotFound):
		return nil, err
	default:
		from := ""
		if source != "" {
			snapshot, err := d.region.Snapshots().Get(source)
			if err != nil {
				return nil, err
			}
			if size == 0 {
				size = snapshot.Size
			} else if size < snapshot.Size {
				return nil, status.Errorf(codes.InvalidArgument, "%d bytes are less than the %d of the snapshot %s", size, snapshot.Size, source)
			}
			from = snapshot.Data()
		} else if size == 0 {
			size = defaultSize
		}
		if limit > 0 && size > limit {
			return nil, status.Errorf(codes.OutOfRange, "%d bytes are over the limit of %d", size, limit)
		}
		volume = &region.Record{
			Handle: handle, Driver: d.name, Size: size, Source: source, Created: time.Now(),
			Parameters: taken, Claim: claim, Namespace: namespace,
		}
		if err := volumes.Add(volume, from); err != nil {
			return nil, err
		}
	}
	about := maps.Clone(request.Parameters)
	if about == nil {
		about = map[string]string{}
	}
	about["requestedsizegib"] = strconv.FormatInt((volume.Size+defaultSize-1)/defaultSize, 10)
	answer := &csi.Volume{VolumeId: handle, CapacityBytes: volume.Size, ContentSource: request.VolumeContentSource, VolumeContext: about}
	if d.kind.zonal {
		answer.AccessibleTopology = []*csi.Topology{d.topology()}
	}
	return &csi.CreateVolumeResponse{Volume: answer}, nil
}

func (d *driver) DeleteVolume(_ context.Context, request *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	volumes := d.region.Volumes()
	volume, err := volumes.Get(request.VolumeId)
	if errors.Is(err, region.ErrNotFound) {
		return &csi.DeleteVolumeResponse{}, nil
	} else if err != nil {
		return nil, err
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	inside := filepath.Join("volumes", filepath.Base(filepath.Dir(volume.Data())), "data")
	if strings.Contains(string(mounts), "/"+inside+" ") {
		return nil, status.Errorf(codes.FailedPrecondition, "%s is in use", request.VolumeId)
	}
	return &csi.DeleteVolumeResponse{}, volumes.Remove(request.VolumeId)
}

func (d *driver) ValidateVolumeCapabilities(_ context.Context, request *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if _, err := d.region.Volumes().Get(request.VolumeId); err != nil {
		return nil, err
	}
	if err := d.usable(request.VolumeCapabilities...); err != nil {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: err.Error()}, nil
	}
	return &csi.ValidateVolumeCapabilitiesResponse{
		Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{VolumeCapabilities: request.VolumeCapabilities},
	}, nil
}
