package main

import (
	"context"

	"github.com/spf13/pflag"
	admissionregistration "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	logsapi "k8s.io/component-base/logs/api/v1"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/cert-manager/cert-manager/pkg/controller/cainjector"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util"
)

type cainjectorOptions struct {
	kubeconfig, namespace, healthz, metrics string
}

func cainjectorCommand(flags *pflag.FlagSet) (func(ctx context.Context) error, *logsapi.LoggingConfiguration, error) {
	var options cainjectorOptions
	logging := logsapi.NewLoggingConfiguration()
	logf.AddFlags(logging, flags)
	flags.StringVar(&options.kubeconfig, "kubeconfig", "", "kubeconfig of the cluster")
	flags.StringVar(&options.namespace, "namespace", "", "the only namespace to watch; all of them if empty")
	flags.StringVar(&options.healthz, "healthz-listen-address", disabled, "address of /healthz and /readyz")
	flags.StringVar(&options.metrics, "metrics-listen-address", disabled, "address of the metrics")
	ignored(flags, "leader-election-namespace")

	return func(ctx context.Context) error { return runCainjector(ctx, options) }, logging, nil
}

func runCainjector(ctx context.Context, options cainjectorOptions) error {
	config, err := clientcmd.BuildConfigFromFlags("", options.kubeconfig)
	if err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, admissionregistration.AddToScheme, apiextensions.AddToScheme, apiregistration.AddToScheme, certmanager.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	manager, err := ctrl.NewManager(util.RestConfigWithUserAgent(config, "cainjector"), ctrl.Options{
		Scheme:                 scheme,
		HealthProbeBindAddress: options.healthz,
		Metrics:                metricsserver.Options{BindAddress: options.metrics},
		// Secrets are watched as metadata alone, so their data must be read from the API server.
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
	})
	if err != nil {
		return err
	}
	if err := manager.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return err
	}
	if err := cainjector.RegisterAllInjectors(ctx, manager, cainjector.SetupOptions{
		Namespace:                    options.namespace,
		EnableCertificatesDataSource: true,
		EnabledReconcilersFor: map[string]bool{
			cainjector.MutatingWebhookConfigurationName:   true,
			cainjector.ValidatingWebhookConfigurationName: true,
			cainjector.APIServiceName:                     true,
			cainjector.CustomResourceDefinitionName:       true,
		},
	}); err != nil {
		return err
	}
	return manager.Start(ctx)
}
