"""Where proofs are searched and written. Untrusted: what it makes counts when theory/kernel accepts it.

In the order of dependence:

    linear_program  nonnegative rational solutions of linear equations
    combine         inequalities and equations as combinations of others
    spoken          normal forms as text again
    script          proofs written as scripts
    positive        steps about positive numbers
    three_cycle     a stream of period 3 and Adam along it, for models
    momo_value      steps about MoMo's averaged model
    momo_distance   steps about MoMo's distance to a minimiser
    written_terms   terms built as people write them
    rule_shares     conditions of update rules as terms
    rule_terms      expressions of update rules as terms of the kernel's language
    define          definitions: the equations of a rule, as a file
    rule_equations  the equations of a rule at one step
    instance        values of a theorem's names, and runs that give them
    noisy           instances of theorems about a noisy gradient
    value_functions instances about the value of a test function along an SDE
    value_of_theta  instances about the value of theta along the SDE of Adam
    linear_losses   instances of theorems on Adam for smooth losses
    momo_runs       instances of theorems on MoMo
    step_sizes      instances of theorems on schedules
    theorem         a theorem: statement, model and script, and the files that they make
    same_names      theorems used where names stay the same
    without_decay   theorems on AdamW for Adam
    corpus          all theorems, and the files that ship
    files           the replay of files, each alone and then all together
    coq_terms       terms and formulas in Coq
    coq_equal       proofs in Coq that two terms with one normal form are equal
    coq_steps       the steps of a certificate as a Coq proof
    coq_export      replayed certificates as Coq files
"""
