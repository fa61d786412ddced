using System.Runtime.Versioning;

// The API servers that these tests run against are for Linux.
[assembly: SupportedOSPlatform("linux")]
