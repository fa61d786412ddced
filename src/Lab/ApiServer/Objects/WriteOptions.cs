using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Http;
using VipOperator.Lab.ApiServer.Resources;

namespace VipOperator.Lab.ApiServer.Objects;

/// <summary>The query options of a write.</summary>
/// <param name="FieldValidation">Strict, Warn or Ignore: what happens on unknown and repeated fields.</param>
internal sealed record WriteOptions(string FieldManager, bool DryRun, string FieldValidation, bool Force)
{
    /// <summary>For writes that the server makes itself.</summary>
    public static WriteOptions Internal(string manager) => new(manager, false, "Ignore", false);

    /// <param name="kind">CreateOptions, UpdateOptions or PatchOptions: whom a refusal names.</param>
    /// <exception cref="ApiException">422: a value that is not supported.</exception>
    public static WriteOptions Read(ApiRequest request, string kind, bool isApply = false)
    {
        List<FieldError> errors = [];
        string dryRun = request.Query("dryRun");
        if (dryRun is not ("" or "All"))
            errors.Add(FieldError.NotSupported("dryRun", new System.Text.Json.Nodes.JsonArray(dryRun), ["All"]));
        string validation = request.Query("fieldValidation");
        if (validation is not ("" or "Ignore" or "Warn" or "Strict"))
            errors.Add(FieldError.NotSupported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]));
        if (isApply && request.Query("fieldManager").Length == 0)
            errors.Add(FieldError.Required("fieldManager", "is required for apply patch"));
        if (request.Query("fieldManager").Length > 128) errors.Add(FieldError.TooLong("fieldManager", 128));
        bool hasForce = request.Query("force").Length > 0;
        if (hasForce && kind == "PatchOptions" && !isApply)
            errors.Add(FieldError.Forbidden("force", "may not be specified for non-apply patch"));
        if (errors.Count > 0) throw ApiErrors.Invalid(new ResourceName("meta.k8s.io", kind), "", errors);
        string mode = validation.Length == 0 ? "Warn" : validation;
        return new WriteOptions(request.FieldManager, dryRun == "All", mode, hasForce && request.Flag("force"));
    }
}
