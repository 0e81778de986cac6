"""Audit: what anybody's optimizer computes, and what is wrong with it, seen from outside.

In the order of dependence:

    finding               a finding, its severity, its counterexample
    words                 names of constructor arguments and the letters they stand for
    signature             which argument sets which letter of a rule
    subject               a target that can be run, whatever it is made of
    torch_class, optax_transformation, functional  what targets are made of
    target                from the text of a target to a subject
    variant               a declared rule in one convention
    declared              which rule a target claims to be
    inputs                hyperparameters and gradients that tell conventions apart
    observe               runs of a target and of rules, and how far apart they are
    identified            what was found out about a target
    search                the declared variant that is nearest
    places                the one place of the equations in which a target differs
    aspects               weight decay, flags, one changed place, defaults
    identify              which rule a target is
    script                scripts with literal numbers
    telling               scripts that have been run
    minimal               the smallest run that shows a difference
    rule_codes            codes of the verdict about the rule, and their pages
    judge                 from what a target is to a verdict
    probe                 one question about a target
    counted, tensors, rounding, bookkeeping  what probes share
    session, draws, story, machine, deep     drawn hyperparameters and sequences of actions
    kernel_bounds, kernel_case, kernel_script, kernel  update functions of bare arrays, swept over sizes and types
    discover              probes by file
    progress              what the processes of one audit have told
    codes                 every code and check, with its page
    core                  one audit as events, in the process of its target
    kernel_events         the audit of a kernel as events
    request               what an audit is asked for
    child                 the process of a target
    pipe                  one such process, from outside
    process               an audit in processes of its own: crashes and hangs are findings
    report                what an audit came to
    baseline              findings that are known
    policy                when a report fails
    junit                 reports for other tools
    screen                reports for people
    plugin                the pytest plugin
    checked               checks of targets as tests
    libraries             the optimizers of whole libraries
    hand_good, hand_mutants  optimizers without a defect, and with one
    hand_mutants_rules, hand_mutants_numbers, hand_mutants_state, hand_mutants_counters  the defects
    mutated               declared rules with one place changed, as targets
    selftest              the auditor audits itself

Probes are in probes/, one subject a file; defects/ has scripts that show defects of published optimizers.
"""
