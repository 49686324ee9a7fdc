package driver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// noFollow is UMOUNT_NOFOLLOW, which package syscall does not have.
const noFollow = 0x8

func (d *driver) topology() *csi.Topology {
	return &csi.Topology{Segments: map[string]string{zoneKey: d.zone}}
}

func (d *driver) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	answer := &csi.NodeGetInfoResponse{NodeId: d.node}
	if d.kind.zonal {
		answer.AccessibleTopology = d.topology()
	}
	return answer, nil
}

func (d *driver) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil // a bind mount is all there is: nothing to stage
}

func (d *driver) NodePublishVolume(_ context.Context, request *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	if request.TargetPath == "" {
		return nil, status.Error(codes.InvalidArgument, "nothing says where to mount")
	}
	if err := d.usable(request.VolumeCapability); err != nil {
		return nil, err
	}
	volume, err := d.region.Volumes().Get(request.VolumeId)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(request.TargetPath, 0o750); err != nil {
		return nil, err
	}
	data, err := os.Stat(volume.Data())
	if err != nil {
		return nil, err
	}
	there, err := os.Stat(request.TargetPath)
	if err != nil {
		return nil, err
	}
	if os.SameFile(data, there) { // mounted by an earlier call
		return &csi.NodePublishVolumeResponse{}, nil
	}
	if err := syscall.Mount(volume.Data(), request.TargetPath, "", syscall.MS_BIND, ""); err != nil {
		return nil, fmt.Errorf("cannot mount %s: %w", volume.Data(), err)
	}
	if request.Readonly { // the kernel takes a bind mount's flags in a second step only
		const flags = syscall.MS_BIND | syscall.MS_REMOUNT | syscall.MS_RDONLY
		if err := syscall.Mount("", request.TargetPath, "", flags, ""); err != nil {
			return nil, errors.Join(fmt.Errorf("cannot make %s read-only: %w", request.TargetPath, err), syscall.Unmount(request.TargetPath, noFollow))
		}
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

func (d *driver) NodeUnpublishVolume(_ context.Context, request *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	if request.TargetPath == "" {
		return nil, status.Error(codes.InvalidArgument, "nothing says what to unmount")
	}
	err := syscall.Unmount(request.TargetPath, noFollow)
	if err != nil && err != syscall.EINVAL && err != syscall.ENOENT {
		return nil, fmt.Errorf("cannot unmount %s: %w", request.TargetPath, err)
	}
	// Only the empty folder: were the mount still there, the volume's files would go.
	if err := os.Remove(request.TargetPath); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return &csi.NodeUnpublishVolumeResponse{}, nil
}
