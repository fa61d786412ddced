using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Netlink;

namespace VipOperator.Sidecar.Tests;

/// <summary>Sizes and constants against the headers of this machine: a compiled C program says what they are.</summary>
public sealed class LayoutTests
{
    private const string Program = """
        #define _GNU_SOURCE
        #define _GNU_SOURCE
        #include <stdio.h>
        #include <stddef.h>
        #include <poll.h>
        #include <spawn.h>
        #include <signal.h>
        #include <sys/epoll.h>
        #include <sys/socket.h>
        #include <sys/timerfd.h>
        #include <netinet/in.h>
        #include <linux/capability.h>
        #include <linux/if_packet.h>
        #include <linux/rtnetlink.h>
        #include <linux/if_addr.h>
        #include <linux/filter.h>
        #define N(name, value) printf("%s %ld\n", name, (long)(value));
        int main(void) {
          N("iovec", sizeof(struct iovec))
          N("msghdr", sizeof(struct msghdr))
          N("mmsghdr", sizeof(struct mmsghdr))
          N("sock_filter", sizeof(struct sock_filter))
          N("sock_fprog", sizeof(struct sock_fprog))
          N("msghdr.control", offsetof(struct msghdr, msg_control))
          N("timespec", sizeof(struct timespec)) N("CLOCK_BOOTTIME", CLOCK_BOOTTIME)
          N("itimerspec", sizeof(struct itimerspec))
          N("pollfd", sizeof(struct pollfd))
          N("cap_header", sizeof(struct __user_cap_header_struct))
          N("cap_data", 2 * sizeof(struct __user_cap_data_struct))
          N("epoll_event", sizeof(struct epoll_event))
          N("sockaddr_ll", sizeof(struct sockaddr_ll))
          N("sockaddr_nl", sizeof(struct sockaddr_nl))
          N("sockaddr_in6", sizeof(struct sockaddr_in6))
          N("ip_mreqn", sizeof(struct ip_mreqn))
          N("ipv6_mreq", sizeof(struct ipv6_mreq))
          N("cmsghdr", sizeof(struct cmsghdr))
          N("in_pktinfo", CMSG_SPACE(sizeof(struct in_pktinfo)))
          N("in6_pktinfo", CMSG_SPACE(sizeof(struct in6_pktinfo)))
          N("nlmsghdr", sizeof(struct nlmsghdr))
          N("spawn_opaque_fits_512", sizeof(posix_spawnattr_t) <= 512 && sizeof(posix_spawn_file_actions_t) <= 512 && sizeof(sigset_t) <= 512)
          N("RTM_NEWLINK", RTM_NEWLINK) N("RTM_NEWADDR", RTM_NEWADDR) N("RTM_DELADDR", RTM_DELADDR) N("RTM_GETROUTE", RTM_GETROUTE)
          N("NLM_F_CREATE", NLM_F_CREATE) N("NLM_F_REPLACE", NLM_F_REPLACE) N("NLM_F_DUMP", NLM_F_DUMP)
          N("IFA_FLAGS", IFA_FLAGS) N("IFA_CACHEINFO", IFA_CACHEINFO) N("IFA_PROTO", 11)
          N("IFA_F_NOPREFIXROUTE", IFA_F_NOPREFIXROUTE) N("IFA_F_NODAD", IFA_F_NODAD) N("IFA_F_TENTATIVE", IFA_F_TENTATIVE)
          return 0;
        }
        """;

    [Fact]
    public void LayoutsAndConstants_AreThoseOfTheHeaders()
    {
        Dictionary<string, long> actual = Compile();

        Assert.Equal(Unsafe.SizeOf<IoVector>(), actual["iovec"]);
        Assert.Equal(Unsafe.SizeOf<MessageHeader>(), actual["msghdr"]);
        Assert.Equal(32, actual["msghdr.control"]);
        Assert.Equal(Unsafe.SizeOf<BatchEntry>(), actual["mmsghdr"]);
        Assert.Equal(Unsafe.SizeOf<FilterInstruction>(), actual["sock_filter"]);
        Assert.Equal(Unsafe.SizeOf<FilterProgram>(), actual["sock_fprog"]);
        Assert.Equal(Unsafe.SizeOf<ClockTime>(), actual["timespec"]);
        Assert.Equal(MonotonicClock.Id, actual["CLOCK_BOOTTIME"]);
        Assert.Equal(Unsafe.SizeOf<TimerSpecification>(), actual["itimerspec"]);
        Assert.Equal(Unsafe.SizeOf<PollDescriptor>(), actual["pollfd"]);
        Assert.Equal(Unsafe.SizeOf<CapabilityHeader>(), actual["cap_header"]);
        Assert.Equal(Unsafe.SizeOf<CapabilitySets>(), actual["cap_data"]);
        Assert.Equal(Epoll.EventSize, actual["epoll_event"]);
        // Written byte by byte: the lengths that PacketSocket, NetlinkSocket and VrrpSocket hand over.
        Assert.Equal(20, actual["sockaddr_ll"]);
        Assert.Equal(12, actual["sockaddr_nl"]);
        Assert.Equal(28, actual["sockaddr_in6"]);
        Assert.Equal(12, actual["ip_mreqn"]);
        Assert.Equal(20, actual["ipv6_mreq"]);
        Assert.Equal(16, actual["cmsghdr"]);
        Assert.Equal(32, actual["in_pktinfo"]);
        Assert.Equal(40, actual["in6_pktinfo"]);
        Assert.Equal(NetlinkReader.HeaderLength, actual["nlmsghdr"]);
        Assert.Equal(1, actual["spawn_opaque_fits_512"]);
        Assert.Equal((long)NetlinkMessageType.NewLink, actual["RTM_NEWLINK"]);
        Assert.Equal((long)NetlinkMessageType.NewAddress, actual["RTM_NEWADDR"]);
        Assert.Equal((long)NetlinkMessageType.DeleteAddress, actual["RTM_DELADDR"]);
        Assert.Equal((long)NetlinkMessageType.GetRoute, actual["RTM_GETROUTE"]);
        Assert.Equal((long)NetlinkFlags.Create, actual["NLM_F_CREATE"]);
        Assert.Equal((long)NetlinkFlags.Replace, actual["NLM_F_REPLACE"]);
        Assert.Equal((long)NetlinkFlags.Dump, actual["NLM_F_DUMP"]);
        Assert.Equal(AddressAttribute.Flags, actual["IFA_FLAGS"]);
        Assert.Equal(AddressAttribute.CacheInformation, actual["IFA_CACHEINFO"]);
        Assert.Equal(AddressAttribute.Protocol, actual["IFA_PROTO"]);
        Assert.Equal((long)AddressFlags.NoPrefixRoute, actual["IFA_F_NOPREFIXROUTE"]);
        Assert.Equal((long)AddressFlags.NoDuplicateDetection, actual["IFA_F_NODAD"]);
        Assert.Equal((long)AddressFlags.Tentative, actual["IFA_F_TENTATIVE"]);
    }

    private static Dictionary<string, long> Compile()
    {
        if (!File.Exists("/usr/bin/gcc"))
            Assert.Skip("gcc is not installed.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("vips-layout-");
        try
        {
            string source = Path.Combine(folder.FullName, "layout.c");
            string program = Path.Combine(folder.FullName, "layout");
            File.WriteAllText(source, Program);
            Run("gcc", "-o", program, source);
            return Run(program).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' '))
                .ToDictionary(parts => parts[0], parts => long.Parse(parts[1], CultureInfo.InvariantCulture));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
