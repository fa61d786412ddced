using VipOperator.Lab.ApiServer.Schemas;
using VipOperator.Lab.ApiServer.Tables;

namespace VipOperator.Lab.ApiServer.Resources;

/// <summary>The built-in resources that are served.</summary>
internal static class BuiltinResources
{
    public static IReadOnlyList<ResourceType> All { get; } =
    [
        Core("namespaces", "Namespace", ["ns"]) with
        {
            Namespaced = false, HasStatus = true, AllowsUnconditionalUpdate = true,
            Columns = BuiltinColumns.Namespaces,
            SelectableFields = Fields(("status.phase", "status.phase"), ("name", "metadata.name")),
            Prepare = BuiltinPreparation.Namespace,
        },
        Core("nodes", "Node", ["no"]) with
        {
            Namespaced = false, HasStatus = true, AllowsUnconditionalUpdate = true,
            Columns = BuiltinColumns.Nodes,
            SelectableFields = Fields(("spec.unschedulable", "spec.unschedulable")),
        },
        Core("pods", "Pod", ["po"]) with
        {
            Categories = ["all"], HasStatus = true, HasGeneration = true, AllowsUnconditionalUpdate = true,
            Columns = BuiltinColumns.Pods,
            Prepare = BuiltinPreparation.Pod, Validate = BuiltinValidation.Pod,
            SelectableFields = Fields(
                ("spec.nodeName", "spec.nodeName"), ("spec.restartPolicy", "spec.restartPolicy"),
                ("spec.schedulerName", "spec.schedulerName"), ("spec.serviceAccountName", "spec.serviceAccountName"),
                ("spec.hostNetwork", "spec.hostNetwork"), ("status.phase", "status.phase"),
                ("status.podIP", "status.podIP"),
                ("status.nominatedNodeName", "status.nominatedNodeName")),
        },
        Core("events", "Event", ["ev"]) with
        {
            AllowsUnconditionalUpdate = true, AllowsCreateOnUpdate = true,
            Columns = BuiltinColumns.Events, SelectableFields = EventConversion.SelectableFields,
            Validate = BuiltinValidation.Event,
        },
        Grouped("events.k8s.io", "events", "Event", ["ev"], "EventsEvent") with
        {
            StorageKeyOverride = "events", AllowsUnconditionalUpdate = true, AllowsCreateOnUpdate = true,
            FromStorage = EventConversion.FromCore, ToStorage = EventConversion.ToCore,
            Columns = BuiltinColumns.NewEvents, SelectableFields = EventConversion.SelectableFieldsOfNew,
            Validate = BuiltinValidation.NewEvent,
        },
        Core("configmaps", "ConfigMap", ["cm"]) with
        {
            AllowsUnconditionalUpdate = true, Columns = BuiltinColumns.ConfigMaps,
            Validate = BuiltinValidation.ConfigMap,
        },
        Core("secrets", "Secret", []) with
        {
            AllowsUnconditionalUpdate = true, Columns = BuiltinColumns.Secrets,
            SelectableFields = Fields(("type", "type")),
            Prepare = BuiltinPreparation.Secret, Validate = BuiltinValidation.Secret,
        },
        Core("serviceaccounts", "ServiceAccount", ["sa"]) with
        {
            AllowsUnconditionalUpdate = true, Columns = BuiltinColumns.ServiceAccounts,
        },
        Core("services", "Service", ["svc"]) with
        {
            Categories = ["all"], HasStatus = true, AllowsUnconditionalUpdate = true, Columns = BuiltinColumns.Services,
            Prepare = BuiltinPreparation.Service, Validate = BuiltinValidation.Service,
        },
        Core("endpoints", "Endpoints", ["ep"]) with { Singular = "endpoints", ListKindOverride = "EndpointsList" },
        Apps("daemonsets", "DaemonSet", ["ds"]) with { Columns = BuiltinColumns.DaemonSets },
        Apps("deployments", "Deployment", ["deploy"]) with { Columns = BuiltinColumns.Deployments },
        Apps("replicasets", "ReplicaSet", ["rs"]) with { Columns = BuiltinColumns.ReplicaSets },
        Grouped("coordination.k8s.io", "leases", "Lease", []) with
        {
            AllowsCreateOnUpdate = true, Columns = BuiltinColumns.Leases, Validate = BuiltinValidation.Lease,
        },
        Grouped("discovery.k8s.io", "endpointslices", "EndpointSlice", []),
        Grouped("policy", "poddisruptionbudgets", "PodDisruptionBudget",
            ["pdb"]) with { HasStatus = true, HasGeneration = true },
        Grouped("networking.k8s.io", "networkpolicies", "NetworkPolicy", ["netpol"]) with { HasGeneration = true },
        Grouped("scheduling.k8s.io", "priorityclasses", "PriorityClass", ["pc"]) with
        {
            Namespaced = false, HasGeneration = true,
        },
        Rbac("roles", "Role") with { Validate = BuiltinValidation.Role },
        Rbac("rolebindings",
            "RoleBinding") with { Columns = BuiltinColumns.Bindings, Validate = BuiltinValidation.Binding },
        Rbac("clusterroles", "ClusterRole") with { Namespaced = false, Validate = BuiltinValidation.Role },
        Rbac("clusterrolebindings", "ClusterRoleBinding") with
        {
            Namespaced = false, Columns = BuiltinColumns.Bindings, Validate = BuiltinValidation.Binding,
        },
        Grouped("admissionregistration.k8s.io", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", []) with
        {
            Namespaced = false, HasStatus = true, HasGeneration = true, Singular = "validatingadmissionpolicy",
        },
        Grouped("admissionregistration.k8s.io", "validatingadmissionpolicybindings",
            "ValidatingAdmissionPolicyBinding", []) with
        {
            Namespaced = false, HasGeneration = true,
        },
        Grouped("admissionregistration.k8s.io", "mutatingadmissionpolicies", "MutatingAdmissionPolicy", []) with
        {
            Namespaced = false, HasGeneration = true, Singular = "mutatingadmissionpolicy",
        },
        Grouped("admissionregistration.k8s.io", "mutatingadmissionpolicybindings",
            "MutatingAdmissionPolicyBinding", []) with
        {
            Namespaced = false, HasGeneration = true,
        },
        Grouped("admissionregistration.k8s.io", "mutatingwebhookconfigurations",
            "MutatingWebhookConfiguration", []) with
        {
            Namespaced = false, HasGeneration = true,
        },
        Grouped("apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", ["crd", "crds"]) with
        {
            Namespaced = false, HasStatus = true, HasGeneration = true, Categories = ["api-extensions"],
            Columns = BuiltinColumns.Definitions,
        },
        Virtual("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
        Virtual("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview"),
        Virtual("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
        Virtual("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"),
        Virtual("authentication.k8s.io", "tokenreviews", "TokenReview"),
    ];

    /// <summary>The body of a pod's eviction; not a resource of its own.</summary>
    public static ResourceType Eviction { get; } = Grouped("policy", "evictions", "Eviction", []);

    private static ResourceType Core(string plural, string kind, string[] shortNames) =>
        Grouped("", plural, kind, shortNames);

    private static ResourceType Apps(string plural, string kind, string[] shortNames) =>
        Grouped("apps", plural, kind, shortNames) with
        {
            Categories = ["all"],
            HasStatus = true,
            HasGeneration = true,
            AllowsUnconditionalUpdate = true,
            Prepare = BuiltinPreparation.Workload,
            Validate = BuiltinValidation.Workload,
        };

    private static ResourceType Rbac(string plural, string kind) =>
        Grouped("rbac.authorization.k8s.io", plural, kind, []) with
        {
            AllowsUnconditionalUpdate = true,
            AllowsCreateOnUpdate = true,
        };

    private static ResourceType Virtual(string group, string plural, string kind) =>
        Grouped(group, plural, kind, []) with { Namespaced = false, IsVirtual = true };

    private static ResourceType Grouped(
        string group, string plural, string kind, string[] shortNames, string? schema = null) => new()
        {
            Group = group,
            Version = "v1",
            Plural = plural,
            Singular = kind.ToLowerInvariant(),
            Kind = kind,
            ShortNames = shortNames,
            Schema = BuiltinSchemas.Get(schema ?? kind),
        };

    private static Dictionary<string, string> Fields(params (string Selector, string Path)[] fields) =>
        fields.ToDictionary(f => f.Selector, f => f.Path, StringComparer.Ordinal);
}
