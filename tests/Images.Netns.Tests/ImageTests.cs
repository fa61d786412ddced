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
                "netns", "exec", network.First.Namespace, .. image.Wrapper(0), Entrypoint(image), "--realtime-priority", "0",
                "--config", "/etc/vip-sidecar/member.yaml", "--log-format", "text",
            ]);
        try
        {
            await Eventually.True(() => network.First.Holds("192.168.1.108"), "the sidecar takes the address");
            string status = Command.Run(
                "ip", "netns", "exec", network.First.Namespace, "curl", "--silent", "--show-error", "http://127.0.0.1:9441/metrics");
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
        string[] environment = [.. image.Config.GetProperty("config").GetProperty("Env").EnumerateArray().Select(e => e.GetString()!)];

        string[] wrapper = image.Wrapper(65532);
        (int exitCode, string output, string error) = Command.Try(
            "env", ["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", .. environment, .. wrapper, Entrypoint(image), "--kubeconfig", "/none"]);

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

        string[] programs = [.. files.Where(f => f.Contains("/bin/", StringComparison.Ordinal) || f.Contains("/sbin/", StringComparison.Ordinal))];
        Assert.All(programs, program => Assert.StartsWith("/usr/local/bin/vip-", program, StringComparison.Ordinal));
        using JsonDocument sbom = JsonDocument.Parse(File.ReadAllText($"{image.Root}/usr/share/sbom/{name}.spdx.json"));
        string[] packages = [.. sbom.RootElement.GetProperty("packages").EnumerateArray().Select(p => p.GetProperty("name").GetString()!)];
        Assert.Contains("libssl3:" + image.Config.GetProperty("architecture").GetString(), packages.Select(WithArchitecture(image)));
        Assert.Contains("YamlDotNet", packages);
        JsonElement labels = image.Config.GetProperty("config").GetProperty("Labels");
        Assert.Equal((name, image.Tag), (labels.GetProperty("org.opencontainers.image.title").GetString(), labels.GetProperty("org.opencontainers.image.version").GetString()));
        Assert.Equal("Apache-2.0", labels.GetProperty("org.opencontainers.image.licenses").GetString());
    }

    // Debian says "libssl3:amd64" and names libraries of newer releases "libssl3t64".
    private static Func<string, string> WithArchitecture(UnpackedImage image) => package =>
        package.Replace("t64", "", StringComparison.Ordinal) is var plain && plain.Contains(':', StringComparison.Ordinal)
            ? plain
            : $"{plain}:{image.Config.GetProperty("architecture").GetString()}";

    private static string Entrypoint(UnpackedImage image) =>
        Assert.Single(image.Config.GetProperty("config").GetProperty("Entrypoint").EnumerateArray()).GetString()!;
}
