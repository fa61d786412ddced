using System.Text.RegularExpressions;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Processes;

/// <summary>Where a lab keeps everything: <c>/run/vip-lab/NAME</c>, gone with the lab.</summary>
internal sealed partial class LabFolder
{
    public const string Root = "/run/vip-lab";

    /// <summary>Of a lab's name: it becomes part of namespace names, of at most 63 characters.</summary>
    public const string NamePattern = "^[a-z][a-z0-9]{0,15}$";

    /// <exception cref="ToolException">The name does not match <see cref="NamePattern"/>.</exception>
    public LabFolder(string lab)
    {
        if (!Name().IsMatch(lab))
            throw new ToolException($"'{lab}' cannot name a lab: 1 to 16 small letters and digits, a letter first.");
        Lab = lab;
    }

    public string Lab { get; }

    public string Path => System.IO.Path.Combine(Root, Lab);

    /// <summary>What the lab is, for other invocations of this program.</summary>
    public string StateFile => At("lab.json");

    public string LogFolder => At("logs");

    public string LogOf(string process) => System.IO.Path.Combine(LogFolder, process + ".log");

    public string At(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>
    /// Marks the lab's processes, anew each time: a lab of the same name in another container, whose processes this one
    /// may see, has another mark. null when there is no folder.
    /// </summary>
    public string? Mark => File.Exists(MarkFile) ? File.ReadAllText(MarkFile) : null;

    private string MarkFile => At("mark");

    /// <summary>
    /// Makes the folder, and has all processes that are started from here on carry the <see cref="Mark"/>.
    /// </summary>
    public void Create()
    {
        Directory.CreateDirectory(Path);
        Directory.CreateDirectory(LogFolder);
        string mark = $"{Lab}.{Guid.NewGuid():n}";
        File.WriteAllText(MarkFile, mark);
        Environment.SetEnvironmentVariable(ChildProcess.MarkerVariable, mark);
    }

    public static IReadOnlyList<string> FindLabs() => !Directory.Exists(Root)
        ? []
        : [.. Directory.GetDirectories(Root).Select(d => System.IO.Path.GetFileName(d))
            .Where(n => Name().IsMatch(n)).Order()];

    [GeneratedRegex(NamePattern)]
    private static partial Regex Name();
}
