using System.Runtime.Versioning;
using Xunit.v3;

// The API servers that these tests run against are for Linux.
[assembly: SupportedOSPlatform("linux")]

// These tests wait for most of their time: for back-offs, for leases, for an API server that is made slow.
[assembly: Parallelization(MaxThreads = 6)]
