namespace VipOperator.Vrrp;

/// <summary>
/// The arguments of one step, for the functions of the state tables. On the stack: a step allocates nothing.
/// </summary>
internal readonly ref struct StepInput
{
    private readonly ref readonly RouterState _state;
    private readonly ref readonly RouterEvent _event;

    public StepInput(
        RouterParameters parameters,
        ref readonly RouterState state,
        ref readonly RouterEvent @event,
        MonotonicTime now,
        RouterEffects effects,
        GroupRole role)
    {
        Parameters = parameters;
        _state = ref state;
        _event = ref @event;
        Now = now;
        Effects = effects;
        Role = role;
    }

    public RouterParameters Parameters { get; }

    /// <summary>The state before the step.</summary>
    public ref readonly RouterState State => ref _state;

    public ref readonly RouterEvent Event => ref _event;

    public MonotonicTime Now { get; }

    public RouterEffects Effects { get; }

    public GroupRole Role { get; }
}
