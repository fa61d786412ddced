using System.Text.Json;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Images.Netns.Tests;

/// <summary>An image of artifacts/images, taken apart as a container runtime would.</summary>
internal sealed class UnpackedImage : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vip-image-");

    /// <param name="suffix">Behind the name of the archive: which other architecture than this machine's it is
    /// for.</param>
    public UnpackedImage(string name, string suffix = "")
    {
        Requirements.Check("umoci", "skopeo", "unshare", "chroot");
        string archive = Path.Combine(Folder, $"{name}{suffix}.tar");
        if (!File.Exists(archive))
            Assert.Skip(
                $"{archive} is not there; make it with: make images{(suffix.Length > 0 ? " RID=linux" + suffix : "")}");
        string layout = Path.Combine(_folder.FullName, "layout");
        Directory.CreateDirectory(layout);
        Command.Run("tar", "--extract", "--file", archive, "--directory", layout);
        using (JsonDocument index = JsonDocument.Parse(File.ReadAllText(Path.Combine(layout, "index.json"))))
        {
            Tag = Assert.Single(index.RootElement.GetProperty("manifests").EnumerateArray())
                .GetProperty("annotations").GetProperty("org.opencontainers.image.ref.name").GetString()!;
        }

        Command.Run("umoci", "unpack", "--image", $"{layout}:{Tag}", Path.Combine(_folder.FullName, "bundle"));
        using JsonDocument inspected = JsonDocument.Parse(
            Command.Run("skopeo", "inspect", "--config", $"oci-archive:{archive}"));
        Config = inspected.RootElement.Clone();
    }

    public string Tag { get; }

    /// <summary>The image's configuration as OCI defines it.</summary>
    public JsonElement Config { get; }

    public string Root => Path.Combine(_folder.FullName, "bundle", "rootfs");

    /// <summary>All files, with their paths in the container.</summary>
    public IEnumerable<string> Files() => Directory
        .EnumerateFiles(Root, "*", SearchOption.AllDirectories)
        .Select(file => "/" + Path.GetRelativePath(Root, file));

    /// <summary>
    /// What runs the image's program as a container runtime would: with its files and no others, /proc, and an own /tmp
    /// and /run; all else is read-only.
    /// </summary>
    /// <param name="user">Of the program.</param>
    public string[] Wrapper(int user) =>
    [
        "unshare", "--mount", "--propagation", "private", "sh", "-ec",
        $"""
        mkdir -p {Root}/proc {Root}/sys {Root}/run
        mount --bind {Root} {Root}
        mount -o remount,bind,ro {Root}
        mount -t proc proc {Root}/proc
        mount -t tmpfs tmp {Root}/tmp
        mount -t tmpfs run {Root}/run
        exec chroot --userspec={user}:{user} {Root} "$@"
        """,
        "image",
    ];

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Folder => Environment.GetEnvironmentVariable("VIPOPERATOR_IMAGES") is { Length: > 0 } folder
        ? folder
        : Path.Combine(AppContext.BaseDirectory, "../../../../../artifacts/images");
}
