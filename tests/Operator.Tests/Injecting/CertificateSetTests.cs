using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using VipOperator.Operator.Injecting;

namespace VipOperator.Operator.Tests.Injecting;

/// <summary>
/// Certificates over their time: made, announced, served, renewed, dropped; and clocks that were wrong.
/// </summary>
public sealed class CertificateSetTests
{
    private const string Host = "vip-operator-injection.vip-operator.svc";
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly CertificateSet Empty = new(null, null);

    [Fact]
    public void First_IsServedAtOnce()
    {
        CertificateSet set = Empty.At(Start, Host);

        Assert.Equal(Start.AddHours(-1), set.Latest!.NotBefore);
        Assert.Equal(Start.AddHours(-1).AddDays(90), set.Latest.NotAfter);
        Assert.Same(set.Latest, set.ServedAt(Start));
        Assert.Null(set.Earlier);
        Assert.Equal(set.Latest.Authority, set.Authorities);
        Assert.Null(Empty.ServedAt(Start));
    }

    [Fact]
    public void Renewal_ComesWithAThirdOfTheTimeLeftAndIsServedAnHourLater()
    {
        CertificateSet first = Empty.At(Start, Host);
        DateTimeOffset due = first.Latest!.NotAfter.AddDays(-30);
        Assert.Same(first, first.At(due.AddSeconds(-1), Host));

        CertificateSet second = first.At(due, Host);

        Assert.Same(first.Latest, second.Earlier);
        Assert.NotEqual(first.Latest, second.Latest);
        Assert.Equal(second.Latest!.Authority + first.Latest.Authority, second.Authorities);
        Assert.Same(first.Latest, second.ServedAt(due));
        Assert.Same(first.Latest, second.ServedAt(due.AddMinutes(59)));
        Assert.Same(second.Latest, second.ServedAt(due.AddMinutes(61)));
        Assert.Same(second, second.At(due.AddDays(1), Host));

        // The old authority goes with the last certificate that it signed.
        CertificateSet alone = second.At(first.Latest.NotAfter, Host);
        Assert.Null(alone.Earlier);
        Assert.Same(second.Latest, alone.Latest);
    }

    [Fact]
    public void ExpiredOne_IsReplacedAndNotKept()
    {
        CertificateSet old = Empty.At(Start, Host);

        CertificateSet renewed = old.At(old.Latest!.NotAfter.AddDays(1), Host);

        Assert.Null(renewed.Earlier);
        Assert.Same(renewed.Latest, renewed.ServedAt(old.Latest.NotAfter.AddDays(1)));
    }

    /// <summary>A leader whose clock was a year ahead made it: API servers would take it in a year.</summary>
    [Fact]
    public void OneFromTheFuture_IsReplacedAtOnce()
    {
        CertificateSet future = Empty.At(Start.AddYears(1), Host);

        CertificateSet renewed = future.At(Start, Host);

        Assert.True(renewed.Latest!.IsValidAt(Start));
        Assert.Null(renewed.Earlier);
        Assert.Same(renewed.Latest, renewed.ServedAt(Start));
    }

    /// <summary>Clocks that differ by less than an hour make nobody replace what another has made.</summary>
    [Fact]
    public void ClockThatIsLate_LeavesItAlone()
    {
        CertificateSet set = Empty.At(Start, Host);

        Assert.Same(set, set.At(Start.AddMinutes(-59), Host));
        Assert.Same(set.Latest, set.ServedAt(Start.AddMinutes(-59)));
    }

    [Fact]
    public void Secret_HoldsWhatWasWritten()
    {
        CertificateSet first = Empty.At(Start, Host);
        CertificateSet second = first.At(first.Latest!.NotAfter.AddDays(-30), Host);

        Assert.Equal(first, CertificateSet.Read(first.Write(), Host));
        Assert.Equal(second, CertificateSet.Read(second.Write(), Host));
        Assert.Equal(["earlier.crt", "earlier.key", "tls.crt", "tls.key"], second.Write().Keys.Order());
        Assert.Equal(Empty, CertificateSet.Read(null, Host));
    }

    [Fact]
    public void WhatCannotBeServed_IsNotThere()
    {
        Dictionary<string, byte[]> good = Empty.At(Start, Host).Write(), other = Empty.At(Start, Host).Write();

        Assert.Equal(Empty, CertificateSet.Read(good, "another.vip-operator.svc"));
        foreach ((string chain, string key) in new[]
        {
            ("", Text(good["tls.key"])),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", Text(good["tls.key"])),
            (Text(good["tls.crt"]), ""),
            (Text(good["tls.crt"]), Text(other["tls.key"])),
            (First(Text(good["tls.crt"])), Text(good["tls.key"])),
            (First(Text(good["tls.crt"])) + Last(Text(other["tls.crt"])), Text(good["tls.key"])),
        })
        {
            Assert.Equal(Empty, CertificateSet.Read(
                new Dictionary<string, byte[]>
                {
                    ["tls.crt"] = Encoding.UTF8.GetBytes(chain),
                    ["tls.key"] = Encoding.UTF8.GetBytes(key)
                }, Host));
        }

        static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
        static string First(string chain) => chain[..(chain.IndexOf(End, StringComparison.Ordinal) + End.Length)];
        static string Last(string chain) => chain[First(chain).Length..];
    }

    private const string End = "-----END CERTIFICATE-----\n";

    /// <summary>
    /// RFC 5280 §4.2.1: an authority that signs certificates and no authorities; a certificate for servers alone.
    /// </summary>
    [Fact]
    public void Certificates_SayWhatTheyAreFor()
    {
        CertificatePair pair = CertificatePair.Issue(Host, Start);
        X509Certificate2Collection chain = [];
        chain.ImportFromPem(pair.Chain);

        Assert.Equal(2, chain.Count);
        X509BasicConstraintsExtension authority = chain[1].Extensions.OfType<X509BasicConstraintsExtension>().Single();
        Assert.True(
            authority is
            {
                CertificateAuthority: true, HasPathLengthConstraint: true,
                PathLengthConstraint: 0, Critical: true
            });
        Assert.Equal(
            X509KeyUsageFlags.KeyCertSign, chain[1].Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
        Assert.False(chain[0].Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal(
            ["1.3.6.1.5.5.7.3.1"],
            chain[0].Extensions.OfType<X509EnhancedKeyUsageExtension>().Single()
            .EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value));
        Assert.Equal(
            [Host], chain[0].Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames());
        Assert.DoesNotContain(
            Encoding.UTF8.GetString(Empty.At(Start, Host).Write()["tls.key"]), pair.Chain, StringComparison.Ordinal);
    }
}
