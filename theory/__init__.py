"""Theory: optimizers declared once as equations, and what follows from them by derivation and proof.

This room knows SymPy, with the mpmath that it brings, and the standard library. It imports neither
`driftproof.impl` nor `driftproof.checks`.

In the order of dependence:

    errors       errors that say what, why and the fix
    bounds       limits on what text may build, so that reading always ends
    reader       the whitelist interpreter of rule files and expressions; executes nothing
    references   Source, and the bibliography
    convention   an axis on which implementations differ
    domain       intervals with exact ends
    symbols      the one alphabet
    functions    the elementary functions of the language
    nodes        choices, reductions, matrix products
    canonical    canonical text and digest
    dataflow     defined before use, scopes that fit, nothing idle
    wellformed   what makes a rule well formed
    rule         UpdateRule
    amend        rules that differ from another one in a few equations; averages, repetitions
    combinators  rule -> rule: clipping, decay, SVAG, averaging
    positive     what is never negative
    momentum     a rule read as a momentum method
    momo         any momentum method with its step cut by a model of the loss
    model_step   the step of MoMo derived from the conditions of its minimum
    language     the words of a rule file
    catalogue    the rules by name, and RULE strings; rules/ has one optimizer a file
    hypothesis   hypotheses of claims, and what is cited
    noise        what is assumed of the gradient noise
    exponents    distinguished limits as linear systems, with rank
    settled      what a rule does for all large t
    increments   what the engine accepts; one step at leading order
    balance      from a rule to its system of exponents
    scales       what every letter becomes in the limit
    series       truncated series in h
    signs        signs of the noisy gradient under Gaussian noise
    step_series  one step as series in h
    points       where the gradient is taken, in the limit
    forms        expressions in the form that is printed
    operators    differential operators with the letters of an SDE
    generator    log of the one-step operator
    obstructions  derivatives that no SDE has, and what removes them
    modified     the equations of order 2 and 3
    sde          SDE
    wording      the sentences that go with an SDE
    derive       the SDE of a rule
    scaling      scaling rules and SVAG
    quantities   numbers as users give and read them
    schedules    schedules given as text
    course       the steps of a run, in epochs and blocks
    planned      schedules as objects
    written      schedules as texts
    sgd_bound    the bound on SGD with scheduled steps and batches
    exact_sums   its sums as rationals
    closed_forms  bounds of its sums
    plan         steps, batches and the layout of a run
    filters      averages of the gradient inside a rule
    counts       steps, batch sizes and counters under kappa
    rescaled     the result of `scale`
    rescale      concrete hyperparameters for another batch size
    problems     problems in one dimension, as data; rules posed on them
    power_sums   sums of powers over the steps
    recursion    Generic Adam's recursion
    generic      a rule read as that recursion
    growth       powers of t, log t and log log t
    enclose      expressions at one step, enclosed
    tails        expressions for all t from some step on
    conditions   SC1 to SC4, decided
    certificate  the certificate for a finite horizon, and how fast it falls
    convergence  what holds as T grows
    sgd_limit    the bound on SGD in longer and longer runs
    explicit     bounds of others with explicit constants
    monitor      a rule that computes its convergence conditions along a run
    limiting     what a recursion becomes for large t
    spikes       streams of gradients that mislead
    crossing     when a method stops being misled
    sampled      drifts by simulation
    witnessed    what a search for witnesses is asked, and answers
    witness      divergence witnesses
    phase        phase diagrams over (beta1, beta2)
    published    what is taken from papers on convergence, or left open
"""

if __name__ != "driftproof.theory":
    raise ImportError(
        f"this package was imported as {__name__!r}, which would make a second copy of every class in it, "
        "equal to none of the first. Write `import driftproof.theory`."
    )
