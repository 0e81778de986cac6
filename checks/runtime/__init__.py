"""Runtime: what runs checks and reports their verdicts, from the check itself to the command line.

In the order of dependence:

    verdict        a verdict, the evidence behind it, and the rule that decides
    extras         optional libraries that are not there
    seeds          randomness that can be repeated
    statistics     levels, looks, exact binomial intervals
    check          what a check is, what it is given, its mutants
    discover       checks by file
    summary        the report of a run: counts, JSON, JUnit
    output         standard output, files, errors
    processors     how many this process may use
    layout         lines, columns and colour
    colour         lines, columns and colour
    resume         what an interrupted run had finished
    runner         runs checks, on one process or several
    table          the table of a run
    whole          what joins the entries of a tensor, in any arithmetic
    evaluate       a second reading of a rule's equations, in any arithmetic
    roundoff       running error bounds
    mutants        wrong versions of rules
    hand_steps     one step of a few rules, written by hand from the papers
    gaussian_law   Gaussian noise as weighted values
    periodic       moments of a periodic stream
    local_moments  exact moments of one step beside an SDE
    step_log       the generator of a step from exact moments of several
    recursion      exact moments of SGD on a quadratic
    orders         with which order an error falls
    quadrature     expectations over a run, without sampling
    enumerated     every path of short runs with two-point noise
    proof_steps    each step of the certificate's proof, and its sums by definition
    scenario       one run on several tensors, and its three readings
    torch_optim    classes of torch.optim and the rules they should follow
    torch_words    torch's classes and keywords as rules and letters
    live_torch     live optimizers of torch and their schedulers, read
    packages       classes and functions of other packages, and how to run them
    packages_torch, packages_optax, packages_apart  the tables of them
    workers        processes that train one rule together
    digits         a small network on real images
    step_sizes     six methods on four tasks, at any step size
    texts          edited emitted source
    momo_model     the problem that a MoMo step solves
    worked_case    a case of steps worked by hand, and fractions
    worked_adam, worked_moments, worked_steps_of_adam, worked_radam  first steps worked by hand, by family
    worked_roots, worked_signs, worked_averages  first steps worked by hand, by family
    worked_tensors, worked_combinators, worked_momo  first steps worked by hand, of tensors and around rules
    worked_steps   all of them
    notation       plain text and LaTeX
    printer        expressions as a person writes them
    render         the page of `show`
    render_sde     the page of `derive`
    render_scale   the page of `scale`
    convergence    the answer of `converge`
    render_converge  the page of `converge`
    torch_formulas  torch's schedulers as formulas, and back
    scheduled      the answer of `schedule`
    sgd_by_hand    schedules and SGD on quadratics by hand
    acceleration   where growing batches and step sizes win
    best_schedule  the smallest bound under a budget and floors
    torch_schedules  torch's schedulers as step sizes
    near           numbers known up to an error
    finite         what formulas of theorems mean on a finite probability space
    instance_runs  runs of instances of theorems, with their errors
    instances      instances of theorems, judged
    without_a_run  theorems that declare none, with the reason
    schedule_request  what `schedule` is asked
    render_schedule  the page of `schedule`
    schedule_latex  schedules and bounds as LaTeX
    worst_case     the worst case of gradient descent, searched by cvxpy and proved by the kernel
    falsifier      countermodels of theorems, by z3
    best_plan      the smallest bound under limits on evaluations, steps and time
    best_answer    the answer of `schedule --best`
    scheduled_network  SGD with schedules on real images
    proofs         files of proof objects
    render_witness  the page of `witness`
    render_phase   phase diagrams, written and drawn
    proved         the answer of `prove`
    referee        Coq as referee
    render_proof   the pages of `prove`
    claims         the claim ledger
    explain_converge  pages of the words of `converge` and `witness`
    explain_schedule  pages of the words of `schedule`
    explain        a page for every code
    config_error   a configuration that is not understood
    config_audit   [tool.driftproof.audit]
    config         [tool.driftproof]
    cli_rules      the commands
    cli_checks     the commands
    cli_audit      the command `audit`
    cli_converge   the command `converge`
    cli_schedule   the command `schedule`
    cli_witness    the commands `witness` and `verify`
    cli_prove      the command `prove`
    cli_bench      the command `bench`
    cli            the command `driftproof`
"""
