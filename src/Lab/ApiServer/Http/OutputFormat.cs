using VipOperator.Lab.ApiServer.Errors;

namespace VipOperator.Lab.ApiServer.Http;

/// <summary>What an Accept header asks for: the encoding, and the object itself or a view of it.</summary>
/// <param name="View">
/// Empty for the object itself, else Table, PartialObjectMetadata, PartialObjectMetadataList, ….
/// </param>
internal sealed record OutputFormat(bool IsYaml, string View, string ViewGroup, string ViewVersion)
{
    public static readonly string[] MediaTypes = ["application/json", "application/yaml"];

    public static OutputFormat Json { get; } = new(false, "", "", "");

    public bool IsTable => View == "Table";

    public bool IsPartialMetadata => View.StartsWith("PartialObjectMetadata", StringComparison.Ordinal);

    /// <param name="views">Views that this path offers, as <c>Kind.group</c>.</param>
    /// <exception cref="ApiException">406.</exception>
    public static OutputFormat Negotiate(string accept, params string[] views)
    {
        if (string.IsNullOrWhiteSpace(accept)) return Json;
        foreach (string clause in accept.Split(','))
        {
            string[] parts = [.. clause.Split(';').Select(p => p.Trim())];
            bool isJson = parts[0] is "application/json" or "*/*" or "application/*";
            bool isYaml = parts[0] is "application/yaml";
            if (!isJson && !isYaml) continue;
            Dictionary<string, string> options = parts.Skip(1).Select(p => p.Split('=', 2)).Where(p => p.Length == 2)
                .GroupBy(p => p[0]).ToDictionary(g => g.Key, g => g.First()[1], StringComparer.Ordinal);
            string view = options.GetValueOrDefault("as", "");
            string group = options.GetValueOrDefault("g", ""), version = options.GetValueOrDefault("v", "");
            bool isOffered = view.Length == 0
                || (views.Contains($"{view}.{group}") && version is "v1" or "v1beta1" or "v2" or "v2beta1");
            if (isOffered) return new OutputFormat(isYaml, view, group, version);
        }
        throw ApiErrors.NotAcceptable(MediaTypes);
    }
}
