namespace VipOperator.Docs.Tests;

/// <summary>The files of this repository.</summary>
internal static class Repository
{
    /// <summary>Set to 1, the tests write what is generated instead of comparing it.</summary>
    private const string WriteVariable = "VIPOPERATOR_WRITE_DOCS";

    public static string Root { get; } = FindRoot();

    public static string At(params string[] path) => Path.Combine([Root, .. path]);

    /// <summary>The documents that people read, with paths from the root.</summary>
    public static IEnumerable<string> Documents() => Directory
        .EnumerateFiles(Root, "*.md", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Root, file))
        .Where(file => !file.Split('/')
            .Any(part => part is "artifacts" or "bin" or "obj" or "node_modules" || part.StartsWith('.')));

    /// <summary>Compares a generated document with the one that is checked in, or writes it.</summary>
    public static void HoldsGenerated(string path, string text)
    {
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
            File.WriteAllText(At(path), text);
        string found = File.Exists(At(path)) ? File.ReadAllText(At(path)) : "";
        Assert.True(text == found, $"{path} is not what it is made from; run: make docs");
    }

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "VipOperator.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException(
                "VipOperator.sln is in no folder above the tests.");
        return folder;
    }
}
