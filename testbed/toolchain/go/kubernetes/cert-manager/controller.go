package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	logsapi "k8s.io/component-base/logs/api/v1"

	"github.com/cert-manager/cert-manager/pkg/controller"

	// Controllers and issuers register themselves. ACME's challenges are left out, and with them the SDKs of all clouds:
	// the bench has no domain that it could prove.
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmeorders"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/acme"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/metrics"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"

	logf "github.com/cert-manager/cert-manager/pkg/logs"
)

// disabled is the address that switches a listener off.
const disabled = "0"

func controllerCommand(flags *pflag.FlagSet) (func(ctx context.Context) error, *logsapi.LoggingConfiguration, error) {
	options := controller.ContextOptions{
		KubernetesAPIQPS:   20,
		KubernetesAPIBurst: 50,
		CertificateOptions: controller.CertificateOptions{
			CopiedAnnotationPrefixes:                 []string{"*", "-kubectl.kubernetes.io/", "-fluxcd.io/", "-argocd.argoproj.io/"},
			CertificateRequestMinimumBackoffDuration: time.Hour,
			CertificateRequestMaximumBackoffDuration: 32 * time.Hour,
		},
	}
	logging := logsapi.NewLoggingConfiguration()
	logf.AddFlags(logging, flags)
	flags.StringVar(&options.Kubeconfig, "kubeconfig", "", "kubeconfig of the cluster")
	flags.StringVar(&options.Namespace, "namespace", "", "the only namespace to watch; all of them if empty")
	flags.StringVar(&options.ClusterResourceNamespace, "cluster-resource-namespace", "kube-system", "namespace of the secrets of ClusterIssuers")
	flags.BoolVar(&options.EnableOwnerRef, "enable-certificate-owner-ref", false, "delete a certificate's secret with the certificate")
	workers := flags.Int("concurrent-workers", 5, "workers of each controller")
	healthz := flags.String("healthz-listen-address", disabled, "address of /livez, which answers once the caches are filled")
	metrics := flags.String("metrics-listen-address", disabled, "address of the metrics")
	ignored(flags, "acme-http01-solver-image", "leader-election-namespace", "max-concurrent-challenges")

	return func(ctx context.Context) error { return runController(ctx, options, *workers, *healthz, *metrics) }, logging, nil
}

func runController(ctx context.Context, options controller.ContextOptions, workers int, healthz, metrics string) error {
	group, ctx := errgroup.WithContext(ctx)
	factory, err := controller.NewContextFactory(ctx, options)
	if err != nil {
		return err
	}
	shared, err := factory.Build()
	if err != nil {
		return err
	}
	// The collectors are asked at every scrape, so they must be there before the server is.
	certmanager := shared.SharedInformerFactory.Certmanager().V1()
	shared.Metrics.SetupACMECollector(shared.SharedInformerFactory.Acme().V1().Challenges().Lister())
	shared.Metrics.SetupCertificateCollector(certmanager.Certificates().Lister())
	shared.Metrics.SetupIssuerCollector(certmanager.Issuers().Lister())
	shared.Metrics.SetupClusterIssuerCollector(certmanager.ClusterIssuers().Lister())

	for name, construct := range controller.Known() {
		instance, err := construct(factory)
		if err != nil {
			return fmt.Errorf("controller %s: %w", name, err)
		}
		group.Go(func() error { return instance.Run(workers, ctx) })
	}
	shared.SharedInformerFactory.Start(ctx.Done())
	shared.KubeSharedInformerFactory.Start(ctx.Done())
	shared.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())

	if metrics != disabled {
		listener, err := net.Listen("tcp", metrics)
		if err != nil {
			return err
		}
		serve(ctx, group, shared.Metrics.NewServer(listener), listener)
	}
	shared.SharedInformerFactory.WaitForCacheSync(ctx.Done())
	shared.KubeSharedInformerFactory.WaitForCacheSync(ctx.Done())
	if healthz != disabled && ctx.Err() == nil {
		listener, err := net.Listen("tcp", healthz)
		if err != nil {
			return err
		}
		mux := http.NewServeMux()
		mux.HandleFunc("/livez", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
		serve(ctx, group, &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}, listener)
	}
	return group.Wait()
}

// serve answers on the listener until the context ends.
func serve(ctx context.Context, group *errgroup.Group, server *http.Server, listener net.Listener) {
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		return server.Close()
	})
}
