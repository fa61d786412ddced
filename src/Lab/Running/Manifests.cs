using System.Reflection;

namespace VipOperator.Lab.Running;

/// <summary>Manifests that are carried in this program, so that it needs no source tree beside it.</summary>
internal sealed class Manifests
{
    private static readonly Assembly Carrier = typeof(Manifests).Assembly;

    private readonly string _prefix;

    private Manifests(string prefix) => _prefix = prefix;

    /// <summary>The custom resource definitions.</summary>
    public static Manifests Definitions { get; } = new("crds/");

    /// <summary>The operator's and the sidecars' accounts, rights and admission policies.</summary>
    public static Manifests Deployment { get; } = new("deploy/");

    public static Manifests Examples { get; } = new("examples/");

    /// <summary>Writes each as a file of its own name.</summary>
    public void WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string name in Carrier.GetManifestResourceNames()
            .Where(n => n.StartsWith(_prefix, StringComparison.Ordinal)))
        {
            using Stream content = Carrier.GetManifestResourceStream(name)!;
            using FileStream file = File.Create(Path.Combine(folder, name[_prefix.Length..]));
            content.CopyTo(file);
        }
    }
}
