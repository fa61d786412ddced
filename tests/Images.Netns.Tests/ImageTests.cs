using System.Diagnostics;
using System.Text.Json;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Images.Netns.Tests;

/// <summary>The images hold what the programs need, and nothing else.</summary>
public sealed class ImageTests
{
    [Fact]
    public async Task Sidecar_RunsFromItsImageAlone_ElectsAndServesItsState()
    {
        using UnpackedImage image = new("vip-sidecar");
        using TestNetwork network = new();
        Directory.CreateDirectory(Path.Combine(image.Root, "etc/vip-sidecar"));
        File.WriteAllText(
            Path.Combine(image.Root, "etc/vip-sidecar/member.yaml"),
            """
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIPMember
            metadata: {name: web}
            spec:
              addresses: [192.168.1.108/32]
              virtualRouterId: 51
              priority: 254
              interfaceName: eth0
              vrrp: {advertisementInterval: 100ms}

            """);
        using Process sidecar = Process.Start(
            "ip",
            [
                "netns", "exec", network.First.Namespace, .. image.Wrapper(0), Entrypoint(image),
                "--realtime-priority", "0",
                "--config", "/etc/vip-sidecar/member.yaml", "--log-format", "text",
            ]);
        try
        {
            await Eventually.True(() => network.First.Holds("192.168.1.108"), "the sidecar takes the address");
            string status = Command.Run(
                "ip", "netns", "exec", network.First.Namespace, "curl", "--silent", "--show-error",
                "http://127.0.0.1:9441/metrics");
            Assert.Contains("vipoperator_state", status, StringComparison.Ordinal);
        }
        finally
        {
            Command.Run("kill", "-TERM", sidecar.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            await sidecar.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, sidecar.ExitCode);
        Assert.False(network.First.Holds("192.168.1.108"));
    }

    [Fact]
    public void Operator_RunsFromItsImageAlone_AsAnOrdinaryUser()
    {
        using UnpackedImage image = new("vip-operator");
        string[] environment =
            [.. image.Config.GetProperty("config").GetProperty("Env").EnumerateArray().Select(e => e.GetString()!)];

        string[] wrapper = image.Wrapper(65532);
        (int exitCode, string output, string error) = Command.Try(
            "env", ["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", .. environment, .. wrapper, Entrypoint(image),
                "--kubeconfig", "/none"]);

        // It has got as far as to look for its kubeconfig.
        Assert.Equal((2, "", "vip-operator: kubeconfig file not found at /none\n"), (exitCode, output, error));
        Assert.Equal("65532", image.Config.GetProperty("config").GetProperty("User").GetString());
    }

    [Theory]
    [InlineData("vip-sidecar")]
    [InlineData("vip-operator")]
    public void Image_HasNoShellAndSaysWhatIsInIt(string name)
    {
        using UnpackedImage image = new(name);
        string[] files = [.. image.Files()];

        string[] programs = [.. files.Where(
            f => f.Contains("/bin/", StringComparison.Ordinal) || f.Contains("/sbin/", StringComparison.Ordinal))];
        Assert.All(programs, program => Assert.StartsWith("/usr/local/bin/vip-", program, StringComparison.Ordinal));
        using JsonDocument sbom = JsonDocument.Parse(File.ReadAllText($"{image.Root}/usr/share/sbom/{name}.spdx.json"));
        string[] packages = [.. sbom.RootElement.GetProperty("packages").EnumerateArray()
            .Select(p => p.GetProperty("name").GetString()!)];
        Assert.Contains("libssl3:" + image.Config.GetProperty("architecture").GetString(),
            packages.Select(WithArchitecture(image)));
        Assert.Contains("YamlDotNet", packages);
        JsonElement labels = image.Config.GetProperty("config").GetProperty("Labels");
        Assert.Equal((name, image.Tag), (labels.GetProperty("org.opencontainers.image.title").GetString(),
            labels.GetProperty("org.opencontainers.image.version").GetString()));
        Assert.Equal("Apache-2.0", labels.GetProperty("org.opencontainers.image.licenses").GetString());
    }

    /// <summary>Those that "make images RID=linux-arm64" has made beside this machine's own.</summary>
    [Theory]
    [InlineData("vip-sidecar", "vip-sidecar 0.1.0+")]
    [InlineData("vip-operator", "0.1.0+")]
    public void ImageForArm64_HoldsNothingOfThisMachine_AndRunsInAnEmulator(string name, string version)
    {
        using UnpackedImage image = new(name, "-arm64");

        Assert.Equal("arm64", image.Config.GetProperty("architecture").GetString());
        // ELF64, little-endian, e_machine 183: AArch64.
        byte[][] heads =
            [.. image.Files().Select(f => Head(image.Root + f)).Where(h => h.AsSpan().StartsWith("\u007fELF"u8))];
        Assert.NotEmpty(heads);
        Assert.All(heads, head => Assert.Equal((2, 1, 183), (head[4], head[5], head[18] | (head[19] << 8))));

        Requirements.Check("qemu-aarch64-static");
        (int exitCode, string output, string error) = Command.Try(
            "env",
            ["-i", $"DOTNET_ROOT={image.Root}/usr/share/dotnet", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1",
                "DOTNET_EnableDiagnostics=0",
                Emulator(), "-L", image.Root, image.Root + Entrypoint(image), "--version"]);
        Assert.True(exitCode == 0, error);
        Assert.StartsWith(version, output, StringComparison.Ordinal);

        static byte[] Head(string file)
        {
            byte[] head = new byte[20];
            using FileStream stream = File.OpenRead(file);
            stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            return head;
        }

        static string Emulator() => Command.Run("sh", "-c", "command -v qemu-aarch64-static").Trim();
    }

    // Debian says "libssl3:amd64" and names libraries of newer releases "libssl3t64".
    private static Func<string, string> WithArchitecture(UnpackedImage image) => package =>
        package.Replace("t64", "", StringComparison.Ordinal) is var plain
        && plain.Contains(':', StringComparison.Ordinal)
            ? plain
            : $"{plain}:{image.Config.GetProperty("architecture").GetString()}";

    private static string Entrypoint(UnpackedImage image) =>
        Assert.Single(image.Config.GetProperty("config").GetProperty("Entrypoint").EnumerateArray()).GetString()!;
}
