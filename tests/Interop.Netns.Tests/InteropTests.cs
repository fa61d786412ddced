using VipOperator.Vrrp;

namespace VipOperator.Interop.Netns.Tests;

// A class each, so that the rows run side by side. FRR knows neither unicast nor a password, nor does version 3 know
// passwords (RFC 9568 §9).

public sealed class KeepalivedV2Tests(MatrixReport report)
    : InteropMatrix(new(PeerProgram.Keepalived, VrrpVersion.V2, IpFamily.V4, Transport.Multicast, false), report);

public sealed class KeepalivedV2PasswordTests(MatrixReport report)
    : InteropMatrix(new(PeerProgram.Keepalived, VrrpVersion.V2, IpFamily.V4, Transport.Multicast, true), report);

public sealed class KeepalivedV2UnicastTests(MatrixReport report)
    : InteropMatrix(new(PeerProgram.Keepalived, VrrpVersion.V2, IpFamily.V4, Transport.Unicast, false), report);

public sealed class KeepalivedV2UnicastPasswordTests(MatrixReport report)
    : InteropMatrix(new(PeerProgram.Keepalived, VrrpVersion.V2, IpFamily.V4, Transport.Unicast, true), report);

public sealed class KeepalivedV3Tests(MatrixReport report)
    : InteropMatrix(new(PeerProgram.Keepalived, VrrpVersion.V3, IpFamily.V4, Transport.Multicast, false), report);

public sealed class KeepalivedV3UnicastTests(MatrixReport report)
    : InteropMatrix(new(PeerProgram.Keepalived, VrrpVersion.V3, IpFamily.V4, Transport.Unicast, false), report);

public sealed class KeepalivedV3OverIPv6Tests(MatrixReport report)
    : InteropMatrix(new(PeerProgram.Keepalived, VrrpVersion.V3, IpFamily.V6, Transport.Multicast, false), report);

public sealed class KeepalivedV3OverIPv6UnicastTests(MatrixReport report)
    : InteropMatrix(new(PeerProgram.Keepalived, VrrpVersion.V3, IpFamily.V6, Transport.Unicast, false), report);

public sealed class FrrV2Tests(MatrixReport report)
    : InteropMatrix(new(PeerProgram.Frr, VrrpVersion.V2, IpFamily.V4, Transport.Multicast, false), report);

public sealed class FrrV3Tests(MatrixReport report)
    : InteropMatrix(new(PeerProgram.Frr, VrrpVersion.V3, IpFamily.V4, Transport.Multicast, false), report);

public sealed class FrrV3OverIPv6Tests(MatrixReport report)
    : InteropMatrix(new(PeerProgram.Frr, VrrpVersion.V3, IpFamily.V6, Transport.Multicast, false), report);
