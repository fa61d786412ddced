namespace VipOperator.Import.Tests.Support;

/// <summary>Files by their path, in folders that follow from it.</summary>
internal sealed class MemoryFiles : Dictionary<string, string>, IConfigurationFiles
{
    public FileText Read(string path) =>
        TryGetValue(Normal(path), out string? text) ? new FileText(text) : new FileText(null, "does not exist");

    public IReadOnlyList<string> List(string folder)
    {
        string prefix = folder == "." ? "" : Normal(folder).TrimEnd('/') + '/';
        return
        [
            .. Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal))
                .Select(k => k[prefix.Length..])
                .Select(k => k.Contains('/', StringComparison.Ordinal)
                    ? k[..(k.IndexOf('/', StringComparison.Ordinal) + 1)] : k)
                .Distinct(),
        ];
    }

    private static string Normal(string path)
    {
        List<string> parts = [];
        foreach (string part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part != ".")
                parts.Add(part);
        }

        return string.Join('/', parts);
    }
}
