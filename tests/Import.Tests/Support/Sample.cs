using System.Runtime.CompilerServices;

namespace VipOperator.Import.Tests.Support;

/// <summary>
/// A folder with the configuration of one or several hosts. A file "arguments" holds what else the command would be
/// given; otherwise each .conf of the folder is a host's.
/// </summary>
internal sealed class Sample
{
    private Sample(string name) => Name = name;

    public string Name { get; }

    public string Folder => Path.Combine(AppContext.BaseDirectory, "Samples", Name);

    /// <summary>Where the folder is in the sources.</summary>
    public string SourceFolder => Path.Combine(SamplesOfSources(), Name);

    public static IEnumerable<string> Names =>
        Directory.EnumerateDirectories(Path.Combine(AppContext.BaseDirectory, "Samples"))
        .Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal);

    public static Sample Of(string name) => new(name);

    public string Text(string file) => File.ReadAllText(Path.Combine(Folder, file));

    public (IReadOnlyList<ImportHost> Hosts, ImportOptions Options) Arguments()
    {
        string file = Path.Combine(Folder, "arguments");
        string[] words = File.Exists(file)
            ? File.ReadAllText(file).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            : [.. Directory.EnumerateFiles(Folder, "*.conf").Select(f => Path.GetFileName(f))
                .Order(StringComparer.Ordinal)];
        List<ImportHost> hosts = [];
        Dictionary<string, string> names = [];
        ImportStep step = ImportStep.Final;
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] == "--step")
                step = words[++i] == "join" ? ImportStep.Join : ImportStep.TakeOver;
            else if (words[i] == "--name")
                names.Add(words[++i].Split('=')[0], words[i].Split('=')[1]);
            else
                hosts.Add(words[i].Split('=') is [var node, var path]
                    ? new ImportHost(path, node)
                    : new ImportHost(words[i]));
        }

        return (hosts, new ImportOptions { Step = step, Names = names });
    }

    public ImportResult Import()
    {
        (IReadOnlyList<ImportHost> hosts, ImportOptions options) = Arguments();
        return KeepalivedImport.Run(hosts, new DiskFiles(Folder), options);
    }

    private static string SamplesOfSources([CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, "..", "Samples");
}
