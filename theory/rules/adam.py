"""Adam: bias-corrected first and second moments of the gradient (Kingma & Ba 2015, Algorithm 1)."""

from ..language import *

eps_axis = Convention("eps", {
    "outside": "sqrt(v_hat) + eps (paper, Algorithm 1; torch)",
    "hat": "(sqrt(v) + eps)/sqrt(1 - beta2^t): eps before the correction (TensorFlow, Keras, old torch)",
    "inside": "sqrt(v_hat + eps)", "inside_hat": "sqrt(v + eps)/sqrt(1 - beta2^t)", "both": "sqrt(v_hat + eps) + eps",
    "max": "max(sqrt(v_hat), eps)", "guarded": "sqrt(v_hat + 1e-15) + eps: a hidden constant under the root"})
correction = Convention(
    "correction", {"both": "both moments (paper)", "none": "neither (BertAdam)", "first": "only m", "second": "only v"})
second_moment = Convention("second_moment", {
    "new": "v after this step (paper, torch)", "old": "v before it; the first step does not move (Malladi et al.)"})
amsgrad = Convention("amsgrad", {
    "off": "Adam", "raw": "maximum of v, then corrected (torch, Keras)", "corrected": "maximum of v_hat (optax)"})

adam = UpdateRule(
    name="adam",
    source=Source("kingma2015adam", "Algorithm 1", "alpha is eta here; amsgrad: reddi2018convergence, Algorithm 2"),
    conventions=[eps_axis, correction, second_moment, amsgrad],
    hyperparameters=[hyper(eta, "0.001"), hyper(beta1, "0.9"), hyper(beta2, "0.999"), hyper(eps, "1e-8")],
    state=[State(m, init=0), State(v, init=0), State(v_max, init=0)],
    equations=[
        average(m, g, beta1),
        average(v, g**2, beta2),
        eq(v_used, choose("second_moment", new=new(v), old=v)),
        eq(count, choose("second_moment", new=t, old=Piecewise((1, t <= 1), (t - 1, True)))),
        eq(bias1, choose("correction", both=1 - beta1**t, none=1, first=1 - beta1**t, second=1)),
        eq(bias2, choose("correction", both=1 - beta2**count, none=1, first=1, second=1 - beta2**count)),
        eq(new(v_max), Max(v_max, choose("amsgrad", off=v_used, raw=v_used, corrected=v_used / bias2))),
        eq(m_hat, new(m) / bias1),
        eq(v_hat, choose("amsgrad", off=v_used / bias2, raw=new(v_max) / bias2, corrected=new(v_max))),
        eq(denom, choose("eps", outside=sqrt(v_hat) + eps, hat=sqrt(v_hat) + eps / sqrt(bias2),
            inside=sqrt(v_hat + eps), inside_hat=sqrt(v_hat + eps / bias2), both=sqrt(v_hat + eps) + eps,
            max=Max(sqrt(v_hat), eps), guarded=sqrt(v_hat + Rational("1e-15")) + eps)),
        eq(step, eta * m_hat / denom),
        eq(new(theta), theta - choose("second_moment", new=step, old=Piecewise((0, t <= 1), (step, True)))),
    ],
    used_in=["torch.optim.Adam", "optax.adam", "keras.optimizers.Adam"],
    disagreements=[
        "Keras, TensorFlow: hat; optax: eps_root alone is inside, equal to eps is both.",
        "Debiased betas: the same rule."],
)
