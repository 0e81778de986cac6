(* What certificates are replayed on in Coq: probability spaces, sums, and one lemma for every inference of the kernel.

   A random variable is a function of the outcome, and a natural number is a nat, so that neither can be taken for a
   real: an induction over the reals, or an expectation taken out of itself, cannot be stated here.
   E is any positive linear functional with E 1 = 1: the expectation of every finite probability space is one. *)

Require Import Reals Lra Lia Arith.
Open Scope R_scope.

Record space := Space {
  outcome : Type;
  some_outcome : outcome;
  E : (outcome -> R) -> R;
  E_plus : forall X Y, E (fun w => X w + Y w) = E X + E Y;
  E_scale : forall c X, E (fun w => c * X w) = c * E X;
  E_ext : forall X Y, (forall w, X w = Y w) -> E X = E Y;
  E_nonneg : forall X, (forall w, X w >= 0) -> E X >= 0;
  E_one : E (fun _ => 1) = 1;
  (* two outcomes agree on the first n draws *)
  agree : nat -> outcome -> outcome -> Prop;
  agree_less : forall n a b, agree (S n) a b -> agree n a b
}.
Arguments E {s}. Arguments agree {s}.

Definition past {s : space} (X : outcome s -> R) (n : nat) : Prop := forall a b, agree n a b -> X a = X b.

Fixpoint sum (n : nat) (f : nat -> R) : R := match n with O => 0 | S m => sum m f + f m end.

(* combination *)
Lemma by_ge : forall l r p q, l - r = p + q -> p >= 0 -> q = 0 -> l >= r. Proof. intros; lra. Qed.
Lemma by_gt : forall l r p q, l - r = p + q -> p > 0 -> q = 0 -> l > r. Proof. intros; lra. Qed.
Lemma by_le : forall l r p q, r - l = p + q -> p >= 0 -> q = 0 -> l <= r. Proof. intros; lra. Qed.
Lemma by_lt : forall l r p q, r - l = p + q -> p > 0 -> q = 0 -> l < r. Proof. intros; lra. Qed.
Lemma by_eq : forall l r q, l - r = q -> q = 0 -> l = r. Proof. intros; lra. Qed.
Lemma mul_ge : forall a b, a >= 0 -> b >= 0 -> a * b >= 0.
Proof. intros a b ? ?. apply Rle_ge, Rmult_le_pos; lra. Qed.
Lemma mul_gt : forall a b, a > 0 -> b > 0 -> a * b > 0. Proof. intros. now apply Rmult_lt_0_compat. Qed.
Lemma add_ge : forall a b, a >= 0 -> b >= 0 -> a + b >= 0. Proof. intros; lra. Qed.
Lemma add_gt_left : forall a b, a > 0 -> b >= 0 -> a + b > 0. Proof. intros; lra. Qed.
Lemma add_gt_right : forall a b, a >= 0 -> b > 0 -> a + b > 0. Proof. intros; lra. Qed.
Lemma gt_ge : forall a, a > 0 -> a >= 0. Proof. intros; lra. Qed.
Lemma square_ge : forall q, q ^ 2 >= 0. Proof. intros q. apply Rle_ge, pow2_ge_0. Qed.
Lemma zero_times : forall l e, e = 0 -> l * e = 0. Proof. intros; subst; ring. Qed.
Lemma zero_plus : forall a b, a = 0 -> b = 0 -> a + b = 0. Proof. intros; lra. Qed.
Lemma from_ge : forall l r, l >= r -> l - r >= 0. Proof. intros; lra. Qed.
Lemma from_gt : forall l r, l > r -> l - r > 0. Proof. intros; lra. Qed.
Lemma from_le : forall l r, l <= r -> r - l >= 0. Proof. intros; lra. Qed.
Lemma from_lt : forall l r, l < r -> r - l > 0. Proof. intros; lra. Qed.
Lemma from_eq : forall l r, l = r -> l - r = 0. Proof. intros; lra. Qed.

(* saying the same: d is the difference of the one, d' of the other *)
Lemma to_ge : forall l r d, d >= 0 -> l - r = d -> l >= r. Proof. intros; lra. Qed.
Lemma to_gt : forall l r d, d > 0 -> l - r = d -> l > r. Proof. intros; lra. Qed.
Lemma to_le : forall l r d, d >= 0 -> r - l = d -> l <= r. Proof. intros; lra. Qed.
Lemma to_lt : forall l r d, d > 0 -> r - l = d -> l < r. Proof. intros; lra. Qed.
Lemma to_eq : forall l r d, d = 0 -> l - r = d -> l = r. Proof. intros; lra. Qed.
Lemma from_apart : forall l r, l <> r -> l - r <> 0. Proof. intros l r H F. apply H. lra. Qed.
Lemma to_apart : forall l r d, d <> 0 -> l - r = d -> l <> r. Proof. intros l r d H F G. apply H. lra. Qed.

(* the reciprocal of a product; 1/0 is 0 *)
Lemma inv_times : forall a b x y, / a = x -> / b = y -> / (a * b) = x * y.
Proof. intros a b x y <- <-. apply Rinv_mult. Qed.
Lemma inv_power : forall a n, / (a ^ n) = (/ a) ^ n. Proof. intros. symmetry. apply pow_inv. Qed.

(* linear *)
Lemma E_step : forall s c (m r : outcome s -> R) x y, E m = x -> E r = y -> E (fun w => c * m w + r w) = c * x + y.
Proof. intros s c m r x y <- <-. now rewrite E_plus, E_scale. Qed.
Lemma E_nil : forall s, E (fun _ : outcome s => 0) = 0.
Proof. intros s. rewrite (E_ext s _ (fun w => 0 * (fun _ => 1) w)); [rewrite E_scale; ring|intros; ring]. Qed.
Lemma sum_ext : forall n f g, (forall i, f i = g i) -> sum n f = sum n g.
Proof. intros n f g H. induction n as [|n IH]; simpl; [reflexivity|now rewrite IH, H]. Qed.
Lemma sum_step : forall n c m r x y, sum n m = x -> sum n r = y -> sum n (fun i => c * m i + r i) = c * x + y.
Proof. intros n c m r x y <- <-. induction n as [|n IH]; simpl; [ring|rewrite IH; ring]. Qed.
Lemma sum_nil : forall n, sum n (fun _ => 0) = 0.
Proof. intros n. induction n as [|n IH]; simpl; [reflexivity|rewrite IH; ring]. Qed.
Lemma sum_one : forall n, sum n (fun _ => 1) = INR n.
Proof. intros n. induction n as [|n IH]; [reflexivity|]. rewrite S_INR. simpl. now rewrite IH. Qed.
Lemma sum_last : forall n m f x, n = (m + 1)%nat -> sum m f = x -> sum n f = x + f m.
Proof. intros n m f x -> <-. now replace (m + 1)%nat with (S m) by lia. Qed.
Lemma sum_none : forall f, sum 0 f = 0. Proof. reflexivity. Qed.
Lemma E_sum : forall s n (f : nat -> outcome s -> R), E (fun w => sum n (fun i => f i w)) = sum n (fun i => E (f i)).
Proof.
  intros s n f. induction n as [|n IH]; simpl; [apply E_nil|].
  rewrite (E_plus s (fun w => sum n (fun i => f i w)) (f n)). now rewrite IH.
Qed.

(* mean *)
Lemma E_zero : forall s (X : outcome s -> R), (forall w, X w = 0) -> E X = 0.
Proof. intros s X H. rewrite (E_ext s X (fun _ => 0)); [apply E_nil|exact H]. Qed.

(* addition *)
Lemma sum_nonneg : forall n f, (forall i, INR i + 1 <= INR n -> f i >= 0) -> sum n f >= 0.
Proof.
  intros n f H. induction n as [|n IH]; simpl; [lra|].
  assert (f n >= 0) by (apply H; rewrite S_INR; lra).
  assert (sum n f >= 0) by (apply IH; intros; apply H; rewrite S_INR; lra). lra.
Qed.
Lemma sum_zero : forall n f, (forall i, INR i + 1 <= INR n -> f i = 0) -> sum n f = 0.
Proof.
  intros n f H. induction n as [|n IH]; simpl; [lra|].
  assert (f n = 0) by (apply H; rewrite S_INR; lra).
  assert (sum n f = 0) by (apply IH; intros; apply H; rewrite S_INR; lra). lra.
Qed.

(* past *)
Lemma agree_before : forall s n m (a b : outcome s), agree (n + m) a b -> agree n a b.
Proof.
  intros s n m a b. induction m as [|m IH]; [now rewrite Nat.add_0_r|].
  rewrite Nat.add_succ_r. intros H. apply IH. now apply agree_less.
Qed.
Lemma past_later : forall s (X : outcome s -> R) n m k a b,
  past X n -> m = (n + k)%nat -> agree m a b -> X a = X b.
Proof. intros s X n m k a b P -> H. apply P. now apply agree_before in H. Qed.
Lemma past_same : forall s (X Y : outcome s -> R) n m, past X n -> (forall w, Y w = X w) -> m = n -> past Y m.
Proof. intros s X Y n m P H -> a b A. rewrite !H. now apply P. Qed.

(* cases, induction *)
Lemma nonnegative_or_negative : forall x, {x >= 0} + {x < 0}.
Proof. intros x. destruct (Rlt_le_dec x 0); [now right|left; lra]. Qed.
Lemma induction_over : forall P : nat -> Prop, P 0%nat -> (forall n, P n -> P (n + 1)%nat) -> forall n, P n.
Proof. intros P H F n. induction n as [|n IH]; [exact H|]. replace (S n) with (n + 1)%nat by lia. now apply F. Qed.

Lemma cases_at_outcomes : forall (s : space) (X : outcome s -> R) (P : outcome s -> Prop),
  (forall w, X w >= 0 -> P w) -> (forall w, X w < 0 -> P w) -> forall w, P w.
Proof. intros s X P H F w. destruct (nonnegative_or_negative (X w)); auto. Qed.

(* instance, congruence, fixing, lemma: Coq's own rules, which proofs use as such. A number in `congruence_of_numbers` is
   an element of R, on which no outcome has a say; of random numbers it says nothing. In `lemma_at_values` the values may
   be families of random numbers, and the premises are those on all outcomes. *)
Lemma instance_at : forall (A : Type) (P Q : A -> Prop), (forall x, P x -> Q x) -> forall a, P a -> Q a.
Proof. auto. Qed.
Lemma congruence_of_numbers : forall (s : space) (F : R -> outcome s -> R) (a b : R), a = b -> forall w, F a w = F b w.
Proof. intros s F a b H w. now rewrite H. Qed.
Lemma fixing_variables : forall (A : Type) (P Q : A -> Prop) (known : Prop), known ->
  (known -> forall x, P x -> Q x) -> forall x, P x -> Q x.
Proof. auto. Qed.
Lemma lemma_at_values : forall (A B : Type) (hypotheses claims : A -> Prop) (values : B -> A),
  (forall x, hypotheses x -> claims x) -> forall y, hypotheses (values y) -> claims (values y).
Proof. auto. Qed.

(* the library of theory/kernel/library.py *)
Lemma reciprocal : forall x : R, x <> 0 -> x * (1 * / x) = 1. Proof. intros. now field. Qed.
Lemma reciprocal_positive : forall x : R, x > 0 -> 1 * / x > 0.
Proof. intros x H. rewrite Rmult_1_l. now apply Rinv_0_lt_compat. Qed.
Lemma root_squared : forall x : R, x >= 0 -> sqrt x ^ 2 = x. Proof. intros. apply pow2_sqrt. lra. Qed.
Lemma root_nonnegative : forall x : R, sqrt x >= 0. Proof. intros. apply Rle_ge, sqrt_pos. Qed.
Lemma root_positive : forall x : R, x > 0 -> sqrt x > 0. Proof. intros. now apply sqrt_lt_R0. Qed.
Lemma absolute_above : forall x : R, Rabs x >= x. Proof. intros. apply Rle_ge, Rle_abs. Qed.
Lemma absolute_below : forall x : R, Rabs x >= - x. Proof. intros. rewrite <- Rabs_Ropp. apply Rle_ge, Rle_abs. Qed.
Lemma absolute_squared : forall x : R, Rabs x ^ 2 = x ^ 2. Proof. intros. apply pow2_abs. Qed.
Lemma absolute_of_nonnegative : forall x : R, x >= 0 -> Rabs x = x. Proof. intros. apply Rabs_pos_eq. lra. Qed.
Lemma absolute_of_negative : forall x : R, x < 0 -> Rabs x = - x. Proof. intros. now apply Rabs_left. Qed.
Lemma exp_positive : forall x : R, exp x > 0. Proof. intros. apply exp_pos. Qed.
Lemma exp_tangent : forall x : R, exp x >= 1 + x.
Proof. intros x. destruct (Req_dec x 0) as [->|H]; [rewrite exp_0; lra|]. left. now apply exp_ineq1. Qed.
Lemma exp_of_sum : forall x y : R, exp (x + y) = exp x * exp y. Proof. intros. apply exp_plus. Qed.
Lemma exp_of_zero : exp 0 = 1. Proof. exact exp_0. Qed.
Lemma exp_of_log : forall x : R, x > 0 -> exp (ln x) = x. Proof. intros. now apply exp_ln. Qed.
Lemma log_of_exp : forall x : R, ln (exp x) = x. Proof. intros. apply ln_exp. Qed.
Lemma positive_is_apart : forall x : R, x > 0 -> x <> 0. Proof. intros; lra. Qed.
Lemma square_is_apart : forall x : R, x ^ 2 > 0 -> x <> 0. Proof. intros x H F. subst. lra. Qed.
Lemma square_of_apart : forall x : R, x <> 0 -> x ^ 2 > 0.
Proof. intros x H. replace (x ^ 2) with (x * x) by ring. nra. Qed.
Lemma zero_of_both_signs : forall x : R, x >= 0 -> x <= 0 -> x = 0. Proof. intros; lra. Qed.
Lemma natural : forall n : nat, INR n >= 0. Proof. intros. apply Rle_ge, pos_INR. Qed.
Lemma next_natural : forall m n : nat, INR m > INR n -> INR m >= INR n + 1.
Proof. intros m n H. apply INR_lt in H. rewrite <- S_INR. apply Rle_ge, le_INR. lia. Qed.

(* INR of a compound natural number, pushed to its variables *)
Ltac literal n := match n with O => idtac | S ?m => literal m end.
Ltac push := repeat (rewrite ?plus_INR, ?mult_INR, ?pow_INR);
  repeat match goal with |- context [INR ?n] => literal n; let z := eval compute in (Z.of_nat n) in
    replace (INR n) with (IZR z) by (rewrite INR_IZR_INZ; reflexivity) end.
Ltac push_in h := repeat (rewrite ?plus_INR, ?mult_INR, ?pow_INR in h);
  repeat match type of h with context [INR ?n] => literal n; let z := eval compute in (Z.of_nat n) in
    replace (INR n) with (IZR z) in h by (rewrite INR_IZR_INZ; reflexivity) end.
Ltac naturals := first [reflexivity | lia | nia | ring].

(* everything above, so that its assumptions are printed *)
Definition library :=
  (by_ge, by_gt, by_le, by_lt, by_eq, mul_ge, mul_gt, add_ge, add_gt_left, add_gt_right, gt_ge, square_ge,
   zero_times, zero_plus, from_ge, from_gt, from_le, from_lt, from_eq, to_ge, to_gt, to_le, to_lt, to_eq,
   from_apart, to_apart, inv_times, inv_power, E_step, E_nil, sum_ext, sum_step, sum_nil, sum_one, sum_last,
   sum_none, E_sum, E_zero, sum_nonneg, sum_zero, agree_before, past_later, past_same, nonnegative_or_negative,
   induction_over, cases_at_outcomes, instance_at, congruence_of_numbers, fixing_variables, lemma_at_values,
   reciprocal, reciprocal_positive, root_squared, root_nonnegative, root_positive, absolute_above, absolute_below,
   absolute_squared, absolute_of_nonnegative, absolute_of_negative, exp_positive, exp_tangent, exp_of_sum,
   exp_of_zero, exp_of_log, log_of_exp, positive_is_apart, square_is_apart, square_of_apart, zero_of_both_signs,
   natural, next_natural).
Print Assumptions library.
