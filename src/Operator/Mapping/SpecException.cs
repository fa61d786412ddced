namespace VipOperator.Operator.Mapping;

/// <summary>A spec that the CRD should have refused; the message names the field and what is allowed.</summary>
internal sealed class SpecException(string message) : Exception(message);
