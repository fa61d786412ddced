using System.CommandLine;

namespace VipOperator.Import.Shell;

/// <summary>The importer as a command, for each program that offers it.</summary>
public static class ImportCommands
{
    /// <param name="name">What the program calls it.</param>
    public static Command Create(string name) => new ImportCommand(name);
}
