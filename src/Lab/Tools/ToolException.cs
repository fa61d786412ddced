namespace VipOperator.Lab.Tools;

/// <summary>
/// A system tool failed or is missing; the message is for the person at the terminal and carries what the tool said.
/// </summary>
internal sealed class ToolException : Exception
{
    public ToolException(string message)
        : base(message)
    {
    }

    public ToolException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
