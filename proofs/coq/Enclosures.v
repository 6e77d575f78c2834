(** Interval enclosures of vectors, matrices and the derivatives of the loss, over any of CoqInterval's number systems.

    A list [l] of intervals encloses a function [f] on indices if entry k of the list contains f k ([inside]); dot
    products, rank-one sums and so on are proved to enclose what they compute. *)

From Coq Require Import Reals Lra Lia List ZArith QArith Qreals Bool.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Xreal Interval Float_full Float Basic Sig.
From Certify Require Import Sums Kernel Landscape.
Import ListNotations.
Open Scope R_scope.

Module Enclosures (F : FloatOps with Definition radix := Zaux.radix2 with Definition sensible_format := true).
Module I := FloatIntervalFull F.

Section Arithmetic.
Variable prec : F.precision.
Notation interval := I.type.
Notation vector := (list interval).

Definition has (a : interval) (x : R) : Prop := contains (I.convert a) (Xreal x).

Definition plus := I.add prec.
Definition minus := I.sub prec.
Definition times := I.mul prec.
Definition over := I.div prec.
Definition int (z : Z) := I.fromZ prec z.
Definition rational (q : Q) := over (int (Qnum q)) (int (Zpos (Qden q))).
Definition positive (a : interval) : bool := match I.sign_strict a with Xgt => true | _ => false end.
Definition less a b := positive (minus b a).

Lemma has_plus a b x y : has a x -> has b y -> has (plus a b) (x + y).
Proof. exact (I.add_correct prec a b (Xreal x) (Xreal y)). Qed.
Lemma has_minus a b x y : has a x -> has b y -> has (minus a b) (x - y).
Proof. exact (I.sub_correct prec a b (Xreal x) (Xreal y)). Qed.
Lemma has_times a b x y : has a x -> has b y -> has (times a b) (x * y).
Proof. exact (I.mul_correct prec a b (Xreal x) (Xreal y)). Qed.
Lemma has_neg a x : has a x -> has (I.neg a) (- x).
Proof. exact (I.neg_correct a (Xreal x)). Qed.
Lemma has_int z : has (int z) (IZR z).
Proof. apply I.fromZ_correct. Qed.
Lemma has_over a b x y : y <> 0 -> has a x -> has b y -> has (over a b) (x / y).
Proof.
  intros N A B. generalize (I.div_correct prec a b (Xreal x) (Xreal y) A B). unfold has. simpl. unfold Xdiv'.
  destruct (is_zero_spec y); [contradiction|auto].
Qed.
Lemma has_rational q : has (rational q) (Q2R q).
Proof. apply has_over; try apply has_int. apply Rgt_not_eq. apply IZR_lt. reflexivity. Qed.
Lemma has_sqrt a x : has a x -> has (I.sqrt prec a) (sqrt x).
Proof. exact (I.sqrt_correct prec a (Xreal x)). Qed.
Lemma has_atan a x : has a x -> has (I.atan prec a) (atan x).
Proof. exact (I.atan_correct prec a (Xreal x)). Qed.
Lemma has_pi : has (I.pi prec) PI.
Proof. apply I.pi_correct. Qed.
Lemma positive_true a x : positive a = true -> has a x -> 0 < x.
Proof.
  unfold positive. generalize (I.sign_strict_correct a). destruct (I.sign_strict a); intros C E A; try discriminate.
  apply (C (Xreal x) A).
Qed.
Lemma less_true a b x y : less a b = true -> has a x -> has b y -> x < y.
Proof. intros E A B. assert (P := positive_true _ _ E (has_minus _ _ _ _ B A)). lra. Qed.

(** * Vectors *)

Fixpoint inside (l : vector) (f : nat -> R) : Prop :=
  match l with
  | nil => True
  | a :: l => has a (f O) /\ inside l (fun k => f (S k))
  end.

(** The same for a function that vanishes where the list has ended. *)
Fixpoint covers (l : vector) (f : nat -> R) : Prop :=
  match l with
  | nil => forall k, f k = 0
  | a :: l => has a (f O) /\ covers l (fun k => f (S k))
  end.

Fixpoint insides {A} (P : A -> nat -> Prop) (l : list A) (n : nat) : Prop :=
  match l with
  | nil => True
  | a :: l => P a n /\ insides P l (S n)
  end.

Lemma inside_ext l f g : (forall k, (k < length l)%nat -> f k = g k) -> inside l f -> inside l g.
Proof.
  revert f g. induction l as [|a l IH]; intros f g E; simpl; [auto|]. intros [A B]. split.
  - rewrite <- (E O) by (simpl; lia). exact A.
  - apply (IH (fun k => f (S k))); auto. intros. apply E. simpl. lia.
Qed.

Lemma inside_app a b f : inside a f -> inside b (fun k => f (length a + k)%nat) -> inside (a ++ b) f.
Proof.
  revert f. induction a as [|x a IH]; intros f; simpl; [intros _ B; exact B|]. intros [A A'] B. split; [exact A|].
  apply IH; auto.
Qed.

Lemma inside_firstn n l f : inside l f -> inside (firstn n l) f.
Proof. revert l f. induction n; intros [|a l] f; simpl; auto. intros [A B]. auto. Qed.

Lemma inside_map {A} (h : A -> interval) (l : list A) (f : nat -> R) (n : nat) :
  insides (fun a k => has (h a) (f k)) l n -> inside (map h l) (fun k => f (n + k)%nat).
Proof.
  revert n. induction l as [|a l IH]; intros n; simpl; [auto|]. intros [P Q]. rewrite Nat.add_0_r. split; [exact P|].
  apply (inside_ext _ (fun k => f (S n + k)%nat)); [intros; f_equal; lia|]. apply IH. exact Q.
Qed.

Fixpoint zip {A B C} (h : A -> B -> C) (a : list A) (b : list B) : list C :=
  match a, b with
  | x :: a, y :: b => h x y :: zip h a b
  | _, _ => nil
  end.

Lemma zip_length {A B C} (h : A -> B -> C) a b : length (zip h a b) = Nat.min (length a) (length b).
Proof. revert b. induction a; intros [|y b]; simpl; auto. Qed.

Lemma inside_zip h a b f g (e : R -> R -> R) : (forall x y u v, has x u -> has y v -> has (h x y) (e u v)) ->
  inside a f -> inside b g -> inside (zip h a b) (fun k => e (f k) (g k)).
Proof.
  intros Hh. revert b f g. induction a as [|x a IH]; intros [|y b] f g; simpl; auto.
  intros [A A'] [B B']. split; [apply Hh; auto|]. apply (IH b (fun k => f (S k)) (fun k => g (S k))); auto.
Qed.

Lemma inside_scale c x l f : has c x -> inside l f -> inside (map (times c) l) (fun k => x * f k).
Proof.
  intros C. revert f. induction l as [|a l IH]; intros f; simpl; auto. intros [A B]. split; [apply has_times; auto|].
  apply (IH (fun k => f (S k)) B).
Qed.

(** Sum of products; ends with the shorter list. *)
Fixpoint dot (a b : vector) : interval :=
  match a, b with
  | x :: a, y :: b => plus (times x y) (dot a b)
  | _, _ => int 0
  end.

Lemma dot_inside n a b f g : length a = n -> length b = n -> inside a f -> inside b g -> has (dot a b) (sum n (fun k => f k * g k)).
Proof.
  revert a b f g. induction n; intros [|x a] [|y b] f g; simpl length; try discriminate; intros La Lb.
  - intros _ _. apply has_int.
  - intros [A A'] [B B']. rewrite sum_front. simpl dot. apply has_plus; [apply has_times; auto|].
    apply (IHn a b (fun k => f (S k)) (fun k => g (S k))); auto.
Qed.

Lemma dot_covers n a b f g : (length a <= n)%nat -> covers a f -> covers b g -> has (dot a b) (sum n (fun k => f k * g k)).
Proof.
  revert a b f g. induction n; intros a b f g L A B.
  - destruct a; [apply has_int|simpl in L; lia].
  - destruct a as [|x a].
    + simpl in A. rewrite sum_zero; [apply has_int|]. intros. rewrite A. ring.
    + destruct b as [|y b].
      * simpl in B. rewrite sum_zero; [apply has_int|]. intros. rewrite B. ring.
      * destruct A as [A A'], B as [B B']. rewrite sum_front. simpl dot. apply has_plus; [apply has_times; auto|].
        apply (IHn a b (fun k => f (S k)) (fun k => g (S k))); auto. simpl in L. lia.
Qed.

Lemma covers_ints den (l : list Z) : covers (map (fun z => rational (z # den)) l) (fun k => Q2R (nth k l 0%Z # den)).
Proof.
  induction l as [|z l IH]; simpl.
  - intros k. destruct k; unfold Q2R; simpl; ring.
  - split; [apply has_rational|exact IH].
Qed.

Lemma covers_inside l f : covers l f -> inside l f.
Proof. revert f. induction l as [|a l IH]; intros f; simpl; auto. intros [A B]. auto. Qed.

(** Sum of squares. *)
Fixpoint squares (l : vector) : interval :=
  match l with
  | nil => int 0
  | a :: l => plus (I.sqr prec a) (squares l)
  end.

Lemma squares_inside n l f : length l = n -> inside l f -> has (squares l) (sqnorm n f).
Proof.
  unfold sqnorm. revert n f. induction l as [|a l IH]; intros n f <-.
  - intros _. apply has_int.
  - intros [A B]. simpl length. rewrite sum_front. simpl squares. apply has_plus.
    + generalize (I.sqr_correct prec a (Xreal (f O)) A). unfold has. simpl. unfold Rsqr. auto.
    + apply (IH _ (fun k => f (S k)) eq_refl B).
Qed.

(** Sum of c_j * (entry k of the j-th vector). *)
Fixpoint combination (n : nat) (terms : list (interval * vector)) : vector :=
  match terms with
  | nil => repeat (int 0) n
  | (c, v) :: rest => zip plus (map (times c) v) (combination n rest)
  end.

Definition add_at (k : nat) (c : interval) (l : vector) : vector :=
  firstn k l ++ match skipn k l with nil => nil | a :: l => plus a c :: l end.

End Arithmetic.
End Enclosures.
