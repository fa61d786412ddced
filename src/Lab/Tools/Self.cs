namespace VipOperator.Lab.Tools;

/// <summary>This very program, to be run again as another process.</summary>
internal static class Self
{
    /// <summary>The folder that the other programs are expected in.</summary>
    public static string Folder => AppContext.BaseDirectory;

    /// <summary>Not the running process's path: that may be a test's.</summary>
    public static string Program => Path.Combine(Folder, "vip-lab");
}
