namespace VipOperator.Lab.Tools;

/// <summary>What a tool that ran to its end has said.</summary>
internal sealed record ToolResult(string CommandLine, int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>Both streams, without the blank space around them.</summary>
    public string Text => (Output + Error).Trim();

    /// <exception cref="ToolException">The tool failed.</exception>
    public ToolResult EnsureSucceeded() => Succeeded
        ? this
        : throw new ToolException(
            $"'{CommandLine}' failed with exit code {ExitCode}: {(Text.Length == 0 ? "it said nothing" : Text)}");
}
