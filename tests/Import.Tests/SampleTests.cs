using VipOperator.Import.Tests.Support;

namespace VipOperator.Import.Tests;

/// <summary>
/// Each sample against the manifests and the report that a person has read and found true. VIPOPERATOR_WRITE_SAMPLES=1
/// writes them anew, to be read again.
/// </summary>
public sealed class SampleTests
{
    public static TheoryData<string> Samples => [.. Sample.Names];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Sample_BecomesTheManifestsAndTheReport(string name)
    {
        Sample sample = Sample.Of(name);
        ImportResult result = sample.Import();
        string manifests = string.Join("---\n", result.Manifests.Select(m => m.Text));
        if (Environment.GetEnvironmentVariable("VIPOPERATOR_WRITE_SAMPLES") == "1")
        {
            File.WriteAllText(Path.Combine(sample.SourceFolder, "manifests.yaml"), manifests);
            File.WriteAllText(Path.Combine(sample.SourceFolder, "report.txt"), result.Report);
            return;
        }

        Assert.Empty(result.Errors);
        Assert.Equal(sample.Text("manifests.yaml"), manifests);
        Assert.Equal(sample.Text("report.txt"), result.Report);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Password_StandsInNoReportAndInNoVirtualIP(string name)
    {
        Sample sample = Sample.Of(name);
        string[] secrets =
        [
            .. sample.Arguments().Hosts.Select(h => h.Path).Distinct()
                .SelectMany(f => sample.Text(f).Split('\n'))
                .Select(l => l.Trim().Split(' '))
                .Where(w => w[0] is "auth_pass" or "key")
                .Select(w => w[^1]),
        ];
        ImportResult result = sample.Import();

        foreach (string secret in secrets)
        {
            // One of three digits is part of many a number.
            Assert.True(secret.Length <= 4 || !result.Report.Contains(secret, StringComparison.Ordinal), secret);
            Assert.DoesNotContain(
                result.Manifests, m => !m.IsSecret && m.Text.Contains(secret, StringComparison.Ordinal));
        }
    }
}
