namespace VipOperator.Import;

/// <summary>
/// What the reader asks of the file system. Paths may be relative to the folder that the program runs in.
/// </summary>
public interface IConfigurationFiles
{
    /// <returns>The text, or why there is none.</returns>
    FileText Read(string path);

    /// <summary>The names in a folder, with a '/' after those of folders; none when it cannot be listed.</summary>
    IReadOnlyList<string> List(string folder);
}

/// <summary>Either the text of a file, or why it cannot be read.</summary>
/// <param name="Text">null: <paramref name="Error"/> says why.</param>
/// <param name="Error">As a sentence goes on after "the file": "does not exist".</param>
public sealed record FileText(string? Text, string Error = "");
