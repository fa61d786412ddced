using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Selectors;

namespace VipOperator.Lab.ApiServer.Objects;

/// <summary>
/// The eviction subresource of pods, by which <c>kubectl drain</c> empties a node: a delete that budgets may refuse.
/// </summary>
internal sealed class PodEviction(ObjectRepository repository, ObjectRemover remover)
{
    private const string Budgets = "poddisruptionbudgets.policy";

    /// <exception cref="ApiException">429: a disruption budget does not allow it now.</exception>
    public JsonObject Evict(ResourceType pods, string ns, string name, JsonObject eviction)
    {
        JsonObject pod = repository.Get(pods, ns, name).Document;
        bool isRefused = repository.Store.Snapshot(Budgets).Objects.Values
            .Select(b => b.Document)
            .Where(b => b.Namespace == ns && LabelSelector.FromObject(b.At("spec", "selector")).Matches(pod))
            .Any(b => (b.Integer("status", "disruptionsAllowed") ?? 0) <= 0);
        if (isRefused)
            throw new ApiException(
                429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", []);
        remover.Delete(pods, ns, name, new ObjectRemover.Options(
            eviction.Integer("deleteOptions", "gracePeriodSeconds"), eviction.Text(
                "deleteOptions", "propagationPolicy"),
            eviction.Text("deleteOptions", "preconditions", "uid"), "",
            eviction.Items("deleteOptions", "dryRun").Any()));
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["code"] = 201
        };
    }
}
