"""Keras optimizers on torch tensors: variables() makes the slots, update_step() does one variable."""

import inspect

import torch


class BaseOptimizer(torch.optim.Optimizer):
    def variables(self, variable, *names, fill=0.0):
        slots = self.state[variable]
        for name in names:
            if name not in slots:
                slots[name] = torch.full_like(variable, fill)
        slots["iterations"] = slots.get("iterations", 0)
        return [slots[name] for name in names]

    def step(self, closure=None):
        loss = None
        if closure is not None:
            loss = closure()
        self.apply_gradients()
        return loss

    @torch.no_grad()
    def apply_gradients(self):
        for group in self.param_groups:
            settings = {name: group[name] for name in inspect.signature(self.update_step).parameters if name in group}
            for variable in group["params"]:
                if variable.grad is not None:
                    self.update_step(variable.grad, variable, **settings)
                    self.state[variable]["iterations"] += 1


class KerasSGD(BaseOptimizer):
    def __init__(self, params, learning_rate=0.01, momentum=0.0):
        super().__init__(params, dict(learning_rate=learning_rate, momentum=momentum))

    def update_step(self, gradient, variable, learning_rate, momentum):
        (m,) = self.variables(variable, "momentums")
        m.copy_(m * momentum - gradient * learning_rate)
        variable.add_(m * momentum - gradient * learning_rate)


class KerasRMSprop(BaseOptimizer):
    def __init__(self, params, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7):
        super().__init__(params, dict(learning_rate=learning_rate, rho=rho, momentum=momentum, epsilon=epsilon))

    def update_step(self, gradient, variable, learning_rate, rho, momentum, epsilon):
        velocity, mean, moment = self.variables(variable, "velocities", "average_gradients", "momentums")
        velocity.copy_(rho * velocity + (1 - rho) * torch.square(gradient))
        mean.copy_(rho * mean + (1 - rho) * gradient)
        denominator = velocity - torch.square(mean) + epsilon
        moment.copy_(momentum * moment + learning_rate * gradient * torch.rsqrt(denominator))
        variable.sub_(moment)


class KerasDelta(BaseOptimizer):
    def __init__(self, params, learning_rate=0.001, rho=0.95, epsilon=1e-7):
        super().__init__(params, dict(learning_rate=learning_rate, rho=rho, epsilon=epsilon))

    @staticmethod
    def rms(x, epsilon):
        return torch.sqrt(x + epsilon)

    def update_step(self, gradient, variable, learning_rate, rho, epsilon):
        accumulated_grad, accumulated_delta_var = self.variables(variable, "grads", "deltas")
        accumulated_grad.copy_(rho * accumulated_grad + (1 - rho) * gradient**2)
        delta_var = -self.rms(accumulated_delta_var, epsilon) * gradient / self.rms(accumulated_grad, epsilon)
        accumulated_delta_var.copy_(rho * accumulated_delta_var + (1 - rho) * delta_var**2)
        variable.add_(learning_rate * delta_var)


class UnitlessDelta(BaseOptimizer):
    def __init__(self, params, learning_rate=1.0, rho=0.95, epsilon=1e-6):
        super().__init__(params, dict(learning_rate=learning_rate, rho=rho, epsilon=epsilon))

    def update_step(self, gradient, variable, learning_rate, rho, epsilon):
        accumulated_grad, accumulated_delta_var = self.variables(variable, "grads", "deltas")
        accumulated_grad.mul_(rho).addcmul_(gradient, gradient, value=1 - rho)
        delta = gradient * (accumulated_delta_var + epsilon) / (accumulated_grad + epsilon).sqrt()
        accumulated_delta_var.mul_(rho).addcmul_(delta, delta, value=1 - rho)
        variable.sub_(delta, alpha=learning_rate)


class KerasNadam(BaseOptimizer):
    def __init__(self, params, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, schedule_decay=0.004):
        super().__init__(
            params,
            dict(
                learning_rate=learning_rate,
                beta_1=beta_1,
                beta_2=beta_2,
                epsilon=epsilon,
                schedule_decay=schedule_decay,
            ),
        )

    def update_step(self, gradient, variable, learning_rate, beta_1, beta_2, epsilon, schedule_decay):
        m, v = self.variables(variable, "momentums", "velocities")
        slots = self.state[variable]
        local_step = slots["iterations"] + 1
        u_t = beta_1 * (1.0 - 0.5 * 0.96 ** (local_step * schedule_decay))
        u_t_1 = beta_1 * (1.0 - 0.5 * 0.96 ** ((local_step + 1) * schedule_decay))
        u_product_t = slots["u_product"] = slots.get("u_product", 1.0) * u_t
        u_product_t_1 = u_product_t * u_t_1

        m.add_((gradient - m) * (1 - beta_1))
        v.add_((torch.square(gradient) - v) * (1 - beta_2))
        m_hat = u_t * m / (1 - u_product_t_1) + (1 - u_t) * gradient / (1 - u_product_t)
        v_hat = v / (1 - beta_2**local_step)
        variable.sub_(m_hat * learning_rate / (torch.sqrt(v_hat) + epsilon))


class ConstantNadam(BaseOptimizer):
    """No schedule of the momentum: beta_1 at every step."""

    def __init__(self, params, learning_rate=0.002, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        super().__init__(params, dict(learning_rate=learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon))

    def update_step(self, gradient, variable, learning_rate, beta_1, beta_2, epsilon):
        m, v = self.variables(variable, "momentums", "velocities")
        t = self.state[variable]["iterations"] + 1
        m.add_((gradient - m) * (1 - beta_1))
        v.add_((torch.square(gradient) - v) * (1 - beta_2))
        g_prime = gradient / (1 - beta_1**t)
        m_prime = m / (1 - beta_1 ** (t + 1))
        m_bar = (1 - beta_1) * g_prime + beta_1 * m_prime
        variable.sub_(learning_rate * m_bar / (torch.sqrt(v / (1 - beta_2**t)) + epsilon))


class KerasAdagrad(BaseOptimizer):
    """decay lowers the learning rate: learning_rate / (1 + decay * iterations)."""

    def __init__(self, params, learning_rate=0.01, initial_accumulator_value=0.1, decay=0.0, epsilon=1e-7):
        start = dict(initial_accumulator_value=initial_accumulator_value, decay=decay, epsilon=epsilon)
        super().__init__(params, dict(learning_rate=learning_rate, **start))

    def update_step(self, gradient, variable, learning_rate, initial_accumulator_value, decay, epsilon):
        (accumulator,) = self.variables(variable, "accumulators", fill=initial_accumulator_value)
        accumulator.add_(gradient * gradient)
        variable.sub_(learning_rate * gradient / (torch.sqrt(accumulator) + epsilon))
