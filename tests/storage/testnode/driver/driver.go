// Package driver is a CSI driver that answers under the name of one of AKS's own
// and keeps volumes in a region's folder. Identity, controller, node and the
// registration with the kubelet are one process, in the mount namespace of the
// kubelet.
package driver

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"net"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"

	"holdfast.test/testnode/region"
)

// zoneKey is the topology of Azure's disks.
const zoneKey = "topology.disk.csi.azure.com/zone"

type driver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedControllerServer
	csi.UnimplementedNodeServer
	registration.UnimplementedRegistrationServer

	name          string
	kind          kind
	node          string
	zone          string
	resourceGroup string
	socket        string
	region        *region.Region

	busy   sync.Map // what is being worked on
	failed sync.Map // the snapshots that failed once
}

// Run serves until it gets a signal.
func Run(words []string) error {
	d := &driver{}
	flags := flag.NewFlagSet("driver", flag.ExitOnError)
	state := flags.String("state", "", "the region's folder")
	kubelet := flags.String("kubelet-root", "", "the kubelet's root folder")
	flags.StringVar(&d.name, "name", "disk.csi.azure.com", "disk.csi.azure.com or file.csi.azure.com")
	flags.StringVar(&d.node, "node", "", "the node's name")
	flags.StringVar(&d.zone, "zone", "", "the node's zone")
	flags.StringVar(&d.resourceGroup, "resource-group", "", "where volumes are made")
	if err := flags.Parse(words); err != nil {
		return err
	}
	known := false
	if d.kind, known = kinds[d.name]; !known {
		return fmt.Errorf("no driver is called %q", d.name)
	}
	var err error
	if d.region, err = region.Open(*state); err != nil {
		return err
	}
	d.socket = filepath.Join(*kubelet, "plugins", d.name, "csi.sock")
	own := grpc.NewServer(grpc.UnaryInterceptor(d.call))
	csi.RegisterIdentityServer(own, d)
	csi.RegisterControllerServer(own, d)
	csi.RegisterNodeServer(own, d)
	// The kubelet watches the folder: the socket there says that the driver is here.
	kubelets := grpc.NewServer()
	registration.RegisterRegistrationServer(kubelets, d)

	ended := make(chan error, 2)
	for _, server := range []struct {
		*grpc.Server
		socket string
	}{{own, d.socket}, {kubelets, filepath.Join(*kubelet, "plugins_registry", d.name+"-reg.sock")}} {
		listener, err := listen(server.socket)
		if err != nil {
			return err
		}
		go func() { ended <- server.Serve(listener) }()
	}
	log.Printf("%s serves %s", d.name, d.socket)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	select {
	case err := <-ended:
		return err
	case <-stop:
		own.Stop()
		kubelets.Stop()
		return nil
	}
}

func listen(socket string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(socket), 0o750); err != nil {
		return nil, err
	}
	// What an earlier process of this driver left.
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return net.Listen("unix", socket)
}

// call lets in one call at a time per volume and snapshot, has all fail that are
// to fail, and logs what changes something or goes wrong.
func (d *driver) call(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	method, began := path.Base(info.FullMethod), time.Now()
	subject := subject(request)
	answer, err := func() (any, error) {
		if method == "Probe" || method == "GetPluginInfo" {
			return next(ctx, request)
		}
		if err := d.available(request); err != nil {
			return nil, err
		}
		if subject != "" {
			if _, busy := d.busy.LoadOrStore(subject, true); busy {
				return nil, status.Errorf(codes.Aborted, "an operation on %s is under way", subject)
			}
			defer d.busy.Delete(subject)
		}
		return next(ctx, request)
	}()
	if _, graded := status.FromError(err); !graded {
		code := codes.Internal
		if errors.Is(err, region.ErrNotFound) {
			code = codes.NotFound
		}
		err = status.Error(code, err.Error())
	}
	if subject != "" || err != nil {
		log.Printf("%s %v -> %v, %v after %s", method, request, answer, err, time.Since(began).Round(time.Millisecond))
	}
	return answer, err
}

// subject is what a call is about: the last word of its handle, or its name.
func subject(request any) string {
	switch request := request.(type) {
	case *csi.ListSnapshotsRequest:
		return ""
	case interface{ GetName() string }:
		return request.GetName()
	case interface{ GetVolumeId() string }:
		return path.Base(request.GetVolumeId())
	case interface{ GetSnapshotId() string }:
		return path.Base(request.GetSnapshotId())
	}
	return ""
}

// available fails where the driver is to be down for this call.
func (d *driver) available(request any) error {
	faults, err := d.region.Faults()
	if err != nil {
		return err
	}
	if !faults.Unavailable {
		return nil
	}
	here := faults.General()
	switch request := request.(type) {
	case *csi.CreateVolumeRequest:
		here = faults.For(request.Parameters[claimNamespaceKey], request.Parameters[claimKey])
	case *csi.CreateSnapshotRequest:
		here = d.faultsOf(faults, d.region.Volumes(), request.SourceVolumeId)
	case interface{ GetVolumeId() string }:
		here = d.faultsOf(faults, d.region.Volumes(), request.GetVolumeId())
	case interface{ GetSnapshotId() string }:
		here = d.faultsOf(faults, d.region.Snapshots(), request.GetSnapshotId())
	}
	if here.Unavailable {
		return status.Error(codes.Unavailable, "connection error: desc = \"transport: the driver is down\"")
	}
	return nil
}

// faultsOf narrows faults to those of what has the handle.
func (d *driver) faultsOf(faults *region.Faults, shelf region.Shelf, handle string) *region.Faults {
	if record, err := shelf.Get(handle); err == nil {
		return faults.For(record.Namespace, record.Claim)
	}
	return faults.General()
}

// GetInfo tells the kubelet where the driver is.
func (d *driver) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{Type: registration.CSIPlugin, Name: d.name, Endpoint: d.socket, SupportedVersions: []string{"1.0.0"}}, nil
}

// NotifyRegistrationStatus says what the kubelet made of it.
func (d *driver) NotifyRegistrationStatus(_ context.Context, said *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	log.Printf("registered with the kubelet: %v %s", said.PluginRegistered, said.Error)
	return &registration.RegistrationStatusResponse{}, nil
}

// GetPluginInfo must name a version: the sidecars end where it is empty.
func (d *driver) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: d.name, VendorVersion: "test"}, nil
}

func (d *driver) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{}, nil
}

func (d *driver) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	services := []csi.PluginCapability_Service_Type{csi.PluginCapability_Service_CONTROLLER_SERVICE}
	if d.kind.zonal {
		services = append(services, csi.PluginCapability_Service_VOLUME_ACCESSIBILITY_CONSTRAINTS)
	}
	answer := &csi.GetPluginCapabilitiesResponse{}
	for _, service := range services {
		answer.Capabilities = append(answer.Capabilities, &csi.PluginCapability{
			Type: &csi.PluginCapability_Service_{Service: &csi.PluginCapability_Service{Type: service}},
		})
	}
	return answer, nil
}
